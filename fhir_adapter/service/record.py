"""
Write down what messages mean: their states, their reports, the resources of these; all of it or nothing.

Many messages are written together, table by table: a statement costs the same for the rows of ten messages as for one.
"""

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from operator import attrgetter

from fhir_adapter.issues import Issue
from fhir_adapter.model.insight import Kind
from fhir_adapter.model.report import ReportStatus
from fhir_adapter.service.indexing import lookups
from fhir_adapter.service.lifecycle import Stamp, supersedes, withdrawn
from fhir_adapter.service.processing import MadeReport, Processed
from fhir_adapter.store import facts, messages, results
from fhir_adapter.store.database import Connection
from fhir_adapter.store.lookups import Lookup, index
from fhir_adapter.store.messages import Settlement
from fhir_adapter.store.results import Change, Current, NewVersion
from fhir_adapter.tables import Tables

LATE = Issue.at("NET-625")


@dataclass(frozen=True, slots=True, kw_only=True)
class Ended:
    """A message that was processed: its number, its id, when it came, and what became of it."""

    seq: int
    name: str
    received: datetime
    processed: Processed


@dataclass(frozen=True, slots=True)
class _Version:
    """A version of a report and the message that brought it."""

    of: Ended
    made: MadeReport


def record(connection: Connection, seq: int, processed: Processed, *, now: datetime, tables: Tables) -> None:
    """Settle one message that is not settled yet."""
    for name, received in messages.unsettled_of(connection, [seq]).values():
        record_all(connection, [Ended(seq=seq, name=name, received=received, processed=processed)], now=now,
                   tables=tables)


def record_all(connection: Connection, ended: Sequence[Ended], *, now: datetime, tables: Tables) -> None:
    """Settle messages with what became of them. Doing it again changes nothing but the time."""
    late = {version.of.seq for some in _apart(_Version(one, made) for one in ended for made in one.processed.reports)
            for version in _late(connection, some, now, tables)}
    messages.settle(connection, [
        Settlement(seq=one.seq, state=one.processed.state, later_code=one.processed.later_code,
                   later=one.processed.later, issues=(*one.processed.issues, *((LATE,) if one.seq in late else ())))
        for one in ended], now)


def _apart(versions: Iterable[_Version]) -> Iterator[list[_Version]]:
    """In their order, those together that have nothing in common: no report, no resource."""
    some: list[_Version] = []
    touched: set[tuple[str, str]] = set()
    for one in versions:
        names = {("", one.made.id), *((resource.type, resource.id) for resource in one.made.resources)}
        if touched & names:
            yield some
            some, touched = [], set()
        some.append(one)
        touched |= names
    if some:
        yield some


def _late(connection: Connection, versions: Sequence[_Version], now: datetime, tables: Tables) -> list[_Version]:
    """Write versions that have nothing in common; those that did not become the current ones: noted, never shown."""
    known = results.current_versions(connection, [one.made.id for one in versions])
    rows = []
    for one in versions:
        made, old = one.made, known.get(one.made.id)
        newest = old is None or supersedes(
            made.stamp, Stamp(issued=old.issued, sent=old.sent, status=ReportStatus(old.status)))
        rows.append(NewVersion(report=made.id, message=one.of.seq, status=made.stamp.status.value, replaces=old,
                               issued=made.stamp.issued, sent=made.stamp.sent, current=newest))
    results.add_versions(connection, rows)
    current = [one for one, row in zip(versions, rows, strict=True) if row.current]
    _show(connection, current, [row.report for row in rows if row.current and row.replaces is not None], now, tables)
    return [one for one, row in zip(versions, rows, strict=True) if not row.current]


def _show(connection: Connection, versions: Sequence[_Version], replaced: Sequence[str], now: datetime,
          tables: Tables) -> None:
    """Write the resources of current versions, and what they are found by."""
    names = [(resource.type, resource.id) for one in versions for resource in one.made.resources]
    there = results.current_resources(connection, replaced, names)
    named = {(one.type, one.id): one for one in there}
    changes: list[Change] = []
    found: list[Sequence[Lookup]] = []
    for one in versions:
        of_it = {(other.type, other.id): other for other in there if other.report == one.made.id}
        for change, by in _changes(one.made, named, of_it, tables):
            changes.append(change)
            found.append(by)
        _know(connection, one, fresh=one.made.id not in replaced)
    keys = results.change(connection, changes, now)
    index(connection, list(zip(keys, found, strict=True)),
          gone=[one.replaces.key for one in changes if one.replaces is not None])


def _changes(made: MadeReport, named: dict[tuple[str, str], Current], of_it: dict[tuple[str, str], Current],
             tables: Tables) -> Iterator[tuple[Change, Sequence[Lookup]]]:
    """What differs from the store: resources that are new or other than before, and those that are withdrawn."""
    for one in made.resources:
        before = named.get((one.type, one.id))
        of_it.pop((one.type, one.id), None)
        if before is None or before.digest != one.digest:
            yield Change(type=one.type, id=one.id, report=made.id, digest=one.digest, content=one.content,
                         replaces=before), one.lookups
    for (kind, name), before in of_it.items():
        content = withdrawn(before.content, made.stamp.status, made.when, tables.emission)
        if content is not None and content != before.content:
            by = lookups(json.loads(content), tables.results.elements.get(kind, ()))
            yield Change(type=kind, id=name, report=made.id, digest=sha256(content.encode()).hexdigest(),
                         content=content, replaces=before), by


_FACTS = ("type", "id", "kind", "statement", "about", "value", "urgency", "rule", "confidence", "due_from", "due_until",
          "wanted", "counts_from")
_facts = attrgetter(*_FACTS)


def _know(connection: Connection, one: _Version, *, fresh: bool) -> None:
    """What worklists and statistics ask for; `received` and `week` are the message's."""
    known, received = one.made.facts, one.of.received
    facts.put(connection, one.made.id, {
        "message": one.of.name, "patient": known.patient, "title": known.title, "modality": known.modality,
        "sender": known.sender, "reader": known.reader, "examined": known.examined, "received": received,
        "week": (received.date() - timedelta(days=received.weekday())).isoformat(),
        "turnaround": known.turnaround, "communicated": known.communicated,
        **{kind.name.lower(): sum(one.kind == kind for one in known.insights) for kind in Kind}},
        [dict(zip(_FACTS, _facts(insight), strict=True)) for insight in known.insights], fresh=fresh)
