"""Write down what a message means: its state, its reports, their resources, all in one transaction or not at all."""

import json
from collections.abc import Iterator
from dataclasses import asdict
from datetime import datetime, timedelta
from hashlib import sha256

from fhir_adapter.issues import Issue
from fhir_adapter.model.insight import Kind
from fhir_adapter.model.report import ReportStatus
from fhir_adapter.service.indexing import lookups
from fhir_adapter.service.lifecycle import Stamp, supersedes, withdrawn
from fhir_adapter.service.processing import MadeReport, Processed
from fhir_adapter.store import facts, messages, results
from fhir_adapter.store.database import Connection
from fhir_adapter.store.lookups import Indexed, index
from fhir_adapter.store.results import Change
from fhir_adapter.tables import Tables

LATE = Issue.at("NET-625")


def record(connection: Connection, seq: int, processed: Processed, *, now: datetime, tables: Tables) -> None:
    """Settle one message with what became of it. Doing it again changes nothing but the time."""
    late = [not _report(connection, seq, made, now, tables) for made in processed.reports]
    issues = (*processed.issues, *((LATE,) if any(late) else ()))
    messages.settle(connection, seq, state=processed.state, issues=issues, later_code=processed.later_code,
                    later=processed.later, now=now)


def _report(connection: Connection, seq: int, made: MadeReport, now: datetime, tables: Tables) -> bool:
    """Whether this version became the current one; an older one is noted and shows nothing."""
    old = results.current_version(connection, made.id)
    newest = old is None or supersedes(
        made.stamp, Stamp(issued=old.issued, sent=old.sent, status=ReportStatus(old.status)))
    results.add_version(connection, report=made.id, message=seq, status=made.stamp.status.value,
                        issued=made.stamp.issued, sent=made.stamp.sent, replaces=old, current=newest)
    if newest:
        changes = tuple(_changes(connection, made, tables))
        results.change(connection, changes, now)
        _know(connection, seq, made, now)
        index(connection, _indexed(made, changes, tables))
    return newest


def _know(connection: Connection, seq: int, made: MadeReport, now: datetime) -> None:
    """What worklists and statistics ask for; `received` and `week` are the message's."""
    name, received = messages.arrival(connection, seq) or ("", now)
    known = made.facts
    facts.put(connection, made.id, {
        "message": name, "patient": known.patient, "title": known.title, "modality": known.modality,
        "sender": known.sender, "reader": known.reader, "examined": known.examined, "received": received,
        "week": (received.date() - timedelta(days=received.weekday())).isoformat(),
        "turnaround": known.turnaround, "communicated": known.communicated,
        **{kind.name.lower(): sum(one.kind == kind for one in known.insights) for kind in Kind}},
        map(asdict, known.insights))


def _changes(connection: Connection, made: MadeReport, tables: Tables) -> Iterator[Change]:
    """What differs from the store: resources that are new or other than before, and those that are withdrawn."""
    names = [(one.type, one.id) for one in made.resources]
    known = {(one.type, one.id): one for one in results.current_resources(connection, made.id, names)}
    for one in made.resources:
        before = known.get((one.type, one.id))
        if before is None or before.digest != one.digest:
            yield Change(type=one.type, id=one.id, report=made.id, digest=one.digest, content=one.content,
                         replaces=before)
    for (kind, name), before in known.items():
        if (kind, name) in names:
            continue
        content = withdrawn(before.content, made.stamp.status, made.when, tables.emission)
        if content is not None and content != before.content:
            yield Change(type=kind, id=name, report=made.id, digest=sha256(content.encode()).hexdigest(),
                         content=content, replaces=before)


def _indexed(made: MadeReport, changes: tuple[Change, ...], tables: Tables) -> Iterator[Indexed]:
    """What the changed resources are found by: made beside them, or here for those that are withdrawn."""
    known = {(one.type, one.id): one.lookups for one in made.resources}
    for one in changes:
        found = known.get((one.type, one.id))
        if found is None:
            found = lookups(json.loads(one.content), tables.results.parameters.get(one.type, {}))
        yield Indexed(one.type, one.id, found, fresh=one.replaces is None)
