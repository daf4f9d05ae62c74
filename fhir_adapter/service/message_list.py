"""Stored messages in pages, each with what is wrong and how to mend it, and what could be done with all of them."""

from dataclasses import dataclass
from datetime import datetime

from fhir_adapter.issues import CATALOGUE
from fhir_adapter.service.intake import Intake
from fhir_adapter.service.messages import QueryError, parse
from fhir_adapter.store import messages, search
from fhir_adapter.store.database import Database
from fhir_adapter.store.schema import AnyRow
from fhir_adapter.store.states import Acknowledgement, State

PAGE = 50
_FEW = 2000


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed:
    """One message: who sent what when, and how far it came. `where` is the place in the message that is wrong."""

    id: str
    received: datetime
    channel: str
    sender: str
    control_id: str
    kind: str
    modality: str
    state: State
    code: str
    where: str
    rule: str
    mend: str
    acknowledgement: Acknowledgement
    attempts: int
    due: datetime | None
    edited_from: str
    replaced_by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Counted:
    """How many of the messages found are in a state with a code; `query` finds them alone."""

    state: State
    code: str
    number: int
    query: str


@dataclass(frozen=True, slots=True, kw_only=True)
class MessageList:
    """One page of what a query finds, the newest first. `error` says what is wrong with the query; nothing is found
    then. `older` is the number to ask for the next page with, None on the last one.
    """

    query: str
    error: str
    words: tuple[str, ...]
    total: int
    counts: tuple[Counted, ...]
    messages: tuple[Listed, ...]
    older: int | None

    @property
    def status_code(self) -> int:
        """How HTTP says it."""
        return 400 if self.error else 200


def listed(database: Database, query: str, *, now: datetime, before: int | None = None,
           limit: int = PAGE) -> MessageList:
    """What a query finds; a query that is wrong is told, not raised."""
    try:
        terms = parse(query, now=now)
    except QueryError as error:
        return MessageList(query=query, error=str(error), words=search.WORDS, total=0, counts=(), messages=(),
                           older=None)
    with database.reading() as connection:
        counts = search.counts(connection, terms)
        total = sum(row.number for row in counts)
        rows = search.listing(connection, terms, limit=limit + 1, before=before, few=total < _FEW) if total else ()
    return MessageList(
        query=query, error="", words=search.WORDS, total=total,
        counts=tuple(_counted(row, query) for row in counts), messages=tuple(map(_listed, rows[:limit])),
        older=rows[limit - 1].seq if len(rows) > limit else None)


def _counted(row: AnyRow, query: str) -> Counted:
    kept = [word for word in query.split() if not word.startswith(("state:", "code:"))]
    more = [f"state:{row.state}", *([f"code:{row.code}"] if row.code else [])]
    return Counted(state=State(row.state), code=row.code, number=row.number, query=" ".join((*kept, *more)))


def _listed(row: AnyRow) -> Listed:
    entry = CATALOGUE.get(row.code)
    return Listed(
        id=row.id, received=row.received, channel=row.channel, sender=row.sender, control_id=row.control_id,
        kind=row.kind, modality=row.modality, state=State(row.state), code=row.code, where=row.place,
        rule=entry.rule if entry else "", mend=entry.mend if entry else "",
        acknowledgement=Acknowledgement(row.acknowledgement), attempts=row.attempts, due=row.due,
        edited_from=row.edited_from or "", replaced_by=row.replaced_by or "")


@dataclass(frozen=True, slots=True, kw_only=True)
class Preview:
    """What a retry of everything that a query finds would do, or did where `done`.

    `ready` messages are processed anew, `gone` cannot be because their content is no longer kept, `useless` of the
    ready ones were rejected: the message itself is wrong, and only a change of tables or settings helps.
    """

    query: str
    error: str
    ready: int
    gone: int
    useless: int
    done: bool
    sample: tuple[Listed, ...]

    @property
    def status_code(self) -> int:
        """How HTTP says it."""
        return 400 if self.error else 200


def preview(intake: Intake, query: str, *, now: datetime) -> Preview:
    """Count what a retry would touch; changes nothing."""
    try:
        terms = parse(query, now=now)
    except QueryError as error:
        return Preview(query=query, error=str(error), ready=0, gone=0, useless=0, done=False, sample=())
    where = search.found(terms)
    with intake.database.reading() as connection:
        number = messages.countable(connection, where)
        rejected = sum(row.number for row in search.counts(connection, terms) if row.state == State.REJECTED)
        rows = search.listing(connection, terms, limit=5)
    return Preview(query=query, error="", ready=number.ready, gone=number.gone, useless=min(rejected, number.ready),
                   done=False, sample=tuple(map(_listed, rows)))
