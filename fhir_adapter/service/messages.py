"""
Stored messages for people: found by a small query language, shown, tried again, edited, exported.

    state:failed code:NET-6 from:ris modality:CT since:2h -channel:http

A word and its value; values with blanks in quotes. A word given twice may have either value, different words must all
hold, a minus says that it must not. `since` and `until` take 30m, 2h, 7d or an ISO date or time.
"""

import os
import re
import shlex
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from fhir_adapter.errors import AdapterError
from fhir_adapter.service.intake import Intake
from fhir_adapter.store import audit, messages, search
from fhir_adapter.store.audit import Action
from fhir_adapter.store.messages import Kept
from fhir_adapter.store.schema import AnyRow
from fhir_adapter.store.search import Term
from fhir_adapter.store.states import Acknowledgement, State

_SPAN = re.compile(r"(\d+)([smhdw])")
_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days", "w": "weeks"}
_SUFFIXES = {"hl7v2": "hl7", "fhir": "json", "plain": "json"}


class QueryError(AdapterError):
    """A query has a word or a value that it may not have; the text says which there are."""


class NotThere(AdapterError):
    """There is no such message, or its bytes are no longer kept."""


def parse(query: str, *, now: datetime) -> tuple[Term, ...]:
    """The terms of a query; a QueryError that names the word and what it may be."""
    try:
        parts = shlex.split(query)
    except ValueError:
        raise QueryError("A quotation mark has no partner.") from None
    values: dict[tuple[str, bool], list[str | datetime]] = {}
    for part in parts:
        negated = part.startswith("-")
        word, colon, value = part.removeprefix("-").partition(":")
        if not colon or word not in search.WORDS:
            raise QueryError(f"A query has words such as state:failed; there are {', '.join(search.WORDS)}.")
        values.setdefault((word, negated), []).append(_value(word, value, now))
    return tuple(Term(word=word, negated=negated, values=tuple(some)) for (word, negated), some in values.items())


def _value(word: str, value: str, now: datetime) -> str | datetime:
    if word in search.TIME:
        return _time(word, value, now)
    if word == "state" and value not in set(State):
        raise QueryError(f"state: is one of {', '.join(State)}.")
    if word == "ack" and value not in set(Acknowledgement):
        raise QueryError(f"ack: is one of {', '.join(Acknowledgement)}.")
    return value


def _time(word: str, value: str, now: datetime) -> datetime:
    try:
        if span := _SPAN.fullmatch(value):
            return now - timedelta(**{_UNITS[span[2]]: int(span[1])})
        moment = datetime.fromisoformat(value)
        return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    except (ValueError, OverflowError):
        raise QueryError(f"{word}: takes 30m, 2h, 7d or a date such as 2026-03-09.") from None


@dataclass(frozen=True, slots=True, kw_only=True)
class Retried:
    """How many messages a retry would touch or touched, and how many it cannot because their bytes are gone."""

    number: int
    gone: int


def retry(intake: Intake, terms: Sequence[Term], *, go: bool, actor: str) -> Retried:
    """Have messages processed anew; without `go` only count them."""
    where = search.found(terms)
    with intake.database.writing() as connection:
        number = messages.countable(connection, where)
        if go:
            audit.record_all(connection, actor, Action.RETRY, messages.retriable(where))
            messages.again(connection, where)
    return Retried(number=number.ready, gone=number.gone)


def edit(intake: Intake, name: str, payload: bytes, *, actor: str) -> Kept:
    """Take an edited message in the place of another, which stays as it was and points to it."""
    judged = intake.judge(payload, channel="edit")
    new = replace(judged.new, edited_from=name, acknowledgement=Acknowledgement.NOT_OWED)
    with intake.database.writing() as connection:
        if messages.find(connection, name) is None:
            raise NotThere("There is no such message.")
        audit.record(connection, actor, Action.EDIT, name)
        (kept,) = intake.keep(connection, [replace(judged, new=new)])
        messages.replaced(connection, name, kept.id, datetime.now(UTC))
    return kept


def look(intake: Intake, name: str, *, actor: str) -> AnyRow:
    """What is known of a message, its bytes among it; NotThere where there is none. The look is noted."""
    with intake.database.writing() as connection:
        row = messages.find(connection, name)
        if row is not None:
            audit.record(connection, actor, Action.SHOW, name)
    if row is None:
        raise NotThere("There is no such message.")
    return row


def content(intake: Intake, name: str, *, actor: str, action: Action = Action.CONTENT) -> tuple[bytes, str]:
    """The bytes of a message as it came, and the ending that its file should have. The look is noted."""
    with intake.database.writing() as connection:
        row = messages.find(connection, name)
        if row is not None:
            audit.record(connection, actor, action, name)
    if row is None:
        raise NotThere("There is no such message.")
    if row.payload is None:
        raise NotThere("NET-626 A message is kept for as long as the settings say. Its content is gone; "
                       "send it again.")
    return row.payload, _SUFFIXES.get(str(row.format), "txt")


def export(intake: Intake, terms: Sequence[Term], folder: Path, *, actor: str) -> int:
    """Write each message into a file of the folder that only its owner may read; how many."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    number, before = 0, None
    while True:
        with intake.database.reading() as connection:
            page = search.listing(connection, terms, limit=200, before=before)
        if not page:
            return number
        for row in page:
            try:
                payload, suffix = content(intake, str(row.id), actor=actor, action=Action.EXPORT)
            except NotThere:
                continue
            with os.fdopen(os.open(folder / f"{row.id}.{suffix}", os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600),
                           "wb") as file:
                file.write(payload)
            number += 1
        before = page[-1].seq
