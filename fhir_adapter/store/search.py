"""Messages found by what is known of them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, and_, func, not_, or_, select, true

from fhir_adapter.store.schema import AnyRow, issue, message, report_version, resource

EXACT = {"state": message.c.state, "ack": message.c.acknowledgement, "channel": message.c.channel,
         "id": message.c.control_id, "message": message.c.id, "modality": message.c.modality, "lane": message.c.lane}
PART = {"from": message.c.sender, "type": message.c.kind, "origin": message.c.origin}
TIME = ("since", "until")
WORDS = (*EXACT, *PART, "code", *TIME)
"""The words of the query language, and no others."""

SUMMARY = (message.c.seq, message.c.id, message.c.received, message.c.channel, message.c.sender, message.c.control_id,
           message.c.kind, message.c.modality, message.c.state, message.c.code, message.c.place,
           message.c.acknowledgement, message.c.answer_code, message.c.attempts, message.c.due, message.c.settled,
           message.c.edited_from, message.c.replaced_by)


@dataclass(frozen=True, slots=True, kw_only=True)
class Term:
    """One word of a query with the values that it may have; `negated` where it may not have them."""

    word: str
    values: tuple[str | datetime, ...]
    negated: bool = False


def found(terms: Sequence[Term]) -> ColumnElement[bool]:
    """What the terms say, all of them, as a condition on messages."""
    return and_(true(), *(not_(_one(term)) if term.negated else _one(term) for term in terms))


def _one(term: Term) -> ColumnElement[bool]:
    return or_(*(_holds(term.word, value) for value in term.values))


def _holds(word: str, value: str | datetime) -> ColumnElement[bool]:
    if word == "since":
        return message.c.received >= value
    if word == "until":
        return message.c.received < value
    assert isinstance(value, str)
    if word == "code":
        # A code that a message has anywhere, or the beginning of one: `NET`, `HL7-1`.
        noted = select(issue.c.message).where(issue.c.code.startswith(value, autoescape=True))
        return or_(message.c.code.startswith(value, autoescape=True), message.c.seq.in_(noted))
    if word in PART:
        return func.lower(PART[word]).contains(value.lower(), autoescape=True)
    return EXACT[word] == value


def listing(connection: Connection, terms: Sequence[Term], *, limit: int,
            before: int | None = None, few: bool = False) -> Sequence[AnyRow]:
    """The newest messages first; `before` is the number of the last one of the page before.

    `few` says that not many are found: they are then looked for in the index and sorted, instead of read from the
    newest on until there are enough.
    """
    where = found(terms) if before is None else and_(found(terms), message.c.seq < before)
    if few:
        where = message.c.seq.in_(select(message.c.seq).where(where).order_by((message.c.seq + 0).desc()).limit(limit))
    return connection.execute(select(*SUMMARY).where(where).order_by(message.c.seq.desc()).limit(limit)).all()


def counts(connection: Connection, terms: Sequence[Term]) -> Sequence[AnyRow]:
    """How many messages there are in each state with each code, most first."""
    number = func.count().label("number")
    return connection.execute(select(message.c.state, message.c.code, number).where(found(terms))
                              .group_by(message.c.state, message.c.code).order_by(number.desc())).all()


def issues_of(connection: Connection, seq: int) -> Sequence[AnyRow]:
    """What is wrong with a message, in order."""
    return connection.execute(select(issue.c.code, issue.c.severity, issue.c.place).where(issue.c.message == seq)
                              .order_by(issue.c.ordinal)).all()


def results_of(connection: Connection, seq: int) -> Sequence[AnyRow]:
    """The reports of a message: id, status, whether it is the current version, and how many resources are current."""
    number = select(func.count()).where(resource.c.report == report_version.c.report,
                                        resource.c.current).scalar_subquery()
    return connection.execute(select(report_version.c.report, report_version.c.status, report_version.c.current, number)
                              .where(report_version.c.message == seq)).all()
