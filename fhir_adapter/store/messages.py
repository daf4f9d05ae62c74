"""
Messages in the store: taken in once, told apart from repetitions, settled.

Every function takes the connection of its caller, who decides what is one transaction.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any
from uuid import uuid4

from sqlalchemy import ColumnElement, Connection, and_, bindparam, delete, func, select, update

from fhir_adapter.issues import Issue
from fhir_adapter.store import queue
from fhir_adapter.store.bulk import insert_rows, keys
from fhir_adapter.store.schema import AnyRow, issue, message
from fhir_adapter.store.states import Acknowledgement, State

LONGEST_WAIT = timedelta(hours=2)
"""No message waits longer than this for its next try."""
CONFLICT = Issue.at("NET-621", "MSH-10")


@dataclass(frozen=True, slots=True, kw_only=True)
class New:
    """A message to keep, and what its sender is answered: `answer` if it is kept, `conflict` if its id is taken."""

    payload: bytes = field(repr=False)
    channel: str
    node: str
    sender: str = ""
    control_id: str = ""
    format: str = ""
    kind: str = ""
    modality: str = ""
    lane: str = ""
    state: State = State.RECEIVED
    issues: tuple[Issue, ...] = ()
    acknowledgement: Acknowledgement = Acknowledgement.NOT_OWED
    answer_code: str = ""
    answer: bytes = b""
    later_code: str = ""
    later: bytes = b""
    conflict_code: str = ""
    conflict: bytes = b""
    edited_from: str | None = None
    origin: str = ""

    @property
    def digest(self) -> str:
        """SHA-256 of the payload."""
        return sha256(self.payload).hexdigest()

    @property
    def holds(self) -> str | None:
        """What a repetition is known by; None where the sender named nothing, and in archives, which span years."""
        if not self.control_id or self.edited_from or self.origin:
            return None
        return sha256(f"{self.sender}\0{self.control_id}".encode()).hexdigest()


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """What became of a `New`: where it is, what to answer. `fresh` is False where it only repeated another one."""

    id: str
    state: State
    fresh: bool
    answer_code: str
    answer: bytes = field(repr=False)
    later: bytes = field(default=b"", repr=False)


def keep(connection: Connection, news: Sequence[New], *, now: datetime, window: timedelta) -> tuple[Kept, ...]:
    """
    Write new messages, in their order; afterwards each of them is in the store.

    A sender's control id names one message for `window`. The same control id with the same bytes is a repetition: the
    stored answer is given again and nothing is written. With other bytes it is a conflict (NET-621): written as
    rejected, so that it can be found, and answered as such.
    """
    holders = _holders(connection, [n.holds for n in news if n.holds], now - window)
    out: list[Kept] = []
    fresh: list[tuple[New, Kept, bool]] = []
    for new in news:
        holder = holders.get(new.holds or "")
        if holder is not None and holder[1] == new.digest:
            out.append(holder[0])
            continue
        kept = _kept(new, conflict=holder is not None)
        if new.holds and holder is None:
            holders[new.holds] = (_repetition(kept), new.digest)
        fresh.append((new, kept, holder is not None))
        out.append(kept)
    _write(connection, fresh, now)
    return tuple(out)


def _holders(connection: Connection, wanted: list[str], since: datetime) -> dict[str, tuple[Kept, str]]:
    """Who holds these control ids; those older than the window let go of them."""
    if not wanted:
        return {}
    connection.execute(update(message).where(message.c.holds.in_(wanted), message.c.received < since)
                       .values(holds=None))
    rows = connection.execute(
        select(message.c.holds, message.c.digest, message.c.id, message.c.state, message.c.answer_code,
               message.c.answer, message.c.later).where(message.c.holds.in_(wanted)))
    return {row.holds: (Kept(id=row.id, state=State(row.state), fresh=False, answer_code=row.answer_code,
                             answer=row.answer or b"", later=row.later or b""), row.digest) for row in rows}


def _repetition(kept: Kept) -> Kept:
    return Kept(id=kept.id, state=kept.state, fresh=False, answer_code=kept.answer_code, answer=kept.answer,
                later=kept.later)


def _kept(new: New, *, conflict: bool) -> Kept:
    if conflict:
        return Kept(id=str(uuid4()), state=State.REJECTED, fresh=True, answer_code=new.conflict_code,
                    answer=new.conflict)
    return Kept(id=str(uuid4()), state=new.state, fresh=True, answer_code=new.answer_code, answer=new.answer,
                later=new.later)


def _write(connection: Connection, fresh: Sequence[tuple[New, Kept, bool]], now: datetime) -> None:
    """Write messages with what is wrong with them, and have those processed that are to be; True is a conflict."""
    if not fresh:
        return
    seqs = keys(connection, message, len(fresh))
    issues = [(CONFLICT, *new.issues) if conflict else new.issues for new, _, conflict in fresh]
    rows = [_row(seq, new, kept, wrong, now, conflict=conflict)
            for seq, (new, kept, conflict), wrong in zip(seqs, fresh, issues, strict=True)]
    insert_rows(connection, message, tuple(rows[0]), [tuple(row.values()) for row in rows])
    add_issues(connection, zip(seqs, issues, strict=True))
    queue.defer(connection, [(seq, new.lane) for seq, (new, kept, _) in zip(seqs, fresh, strict=True)
                             if not kept.state.settled])


def _row(seq: int, new: New, kept: Kept, issues: Sequence[Issue], now: datetime, *, conflict: bool) -> dict[str, Any]:
    first = issues[0] if issues and kept.state is not State.RECEIVED else None
    return {
        "seq": seq, "id": kept.id, "received": now, "channel": new.channel, "node": _clipped(new.node, 100),
        "sender": _clipped(new.sender, 500), "control_id": _clipped(new.control_id, 200),
        "holds": None if conflict else new.holds, "digest": new.digest, "format": new.format,
        "kind": _clipped(new.kind, 50), "modality": _clipped(new.modality, 16), "lane": new.lane,
        "state": kept.state.value, "code": first.code if first else "",
        "place": _clipped(first.where, 200) if first else "", "acknowledgement": new.acknowledgement.value,
        "answer_code": kept.answer_code, "answer": kept.answer, "later_code": "" if conflict else new.later_code,
        "later": kept.later, "attempts": 0, "settled": now if kept.state.settled else None,
        "edited_from": new.edited_from, "payload": new.payload, "origin": _clipped(new.origin, 500)}


def _clipped(value: str, length: int) -> str:
    """A value that a column can take: PostgreSQL refuses null characters and longer values."""
    return value.replace("\0", "\ufffd")[:length]


def add_issues(connection: Connection, found: Iterable[tuple[int, Iterable[Issue]]]) -> None:
    """Write what is wrong with messages."""
    insert_rows(connection, issue, ("message", "ordinal", "code", "severity", "place"), [
        (seq, number, one.code, one.severity.value, one.where)
        for seq, issues in found for number, one in enumerate(issues)])


def acknowledged(connection: Connection, ids: Sequence[str], outcome: Acknowledgement) -> None:
    """Note whether the answers of these messages reached their senders; one that was sent stays sent."""
    connection.execute(update(message).where(message.c.id.in_(ids),
                                             message.c.acknowledgement != Acknowledgement.SENT.value)
                       .values(acknowledgement=outcome.value))


def forget_connections(connection: Connection, node: str) -> int:
    """After a start: senders that this node left waiting are gone; how many there were."""
    done = connection.execute(
        update(message).where(message.c.node == node, message.c.channel == "mllp",
                              message.c.acknowledgement == Acknowledgement.PENDING.value)
        .values(acknowledgement=Acknowledgement.UNSENT.value))
    return done.rowcount


def find(connection: Connection, name: str) -> AnyRow | None:
    """One message by its id."""
    return connection.execute(select(message).where(message.c.id == name)).one_or_none()


def later_answers(connection: Connection, names: Sequence[str]) -> dict[str, bytes]:
    """The application answers of those of these messages that are settled; empty bytes where none is owed."""
    rows = connection.execute(select(message.c.id, message.c.later)
                              .where(message.c.id.in_(names), message.c.settled.is_not(None)))
    return {row.id: row.later or b"" for row in rows}


def oldest(connection: Connection) -> AnyRow | None:
    """The message that came first, where there is one."""
    return connection.execute(select(message.c.id, message.c.control_id).order_by(message.c.seq).limit(1)).one_or_none()


def unsettled(connection: Connection) -> Sequence[AnyRow]:
    """The id and number of every message that is to be processed."""
    return connection.execute(select(message.c.id, message.c.seq).where(message.c.settled.is_(None))
                              .order_by(message.c.seq)).all()


@dataclass(frozen=True, slots=True, kw_only=True)
class Work:
    """A message that waits to be processed."""

    seq: int
    lane: str
    attempts: int
    payload: bytes = field(repr=False)


def waiting(connection: Connection, *, now: datetime, limit: int, beyond: Sequence[int] = ()) -> tuple[Work, ...]:
    """The messages to process next, in the order of arrival, without those numbered in `beyond`."""
    c = message.c
    # A due time far ahead comes from a clock that jumped; it does not hold a message for ever.
    due = (c.state == State.RECEIVED.value) | ((c.state == State.WAITING.value) & (
        (c.due <= now) | (c.due > now + LONGEST_WAIT)))
    rows = connection.execute(select(c.seq, c.lane, c.attempts, c.payload)
                              .where(due, c.seq.not_in(beyond)).order_by(c.seq).limit(limit))
    return tuple(Work(seq=r.seq, lane=r.lane, attempts=r.attempts, payload=r.payload or b"") for r in rows)


def works(connection: Connection, seqs: Sequence[int]) -> tuple[Work, ...]:
    """Those of these messages that are not settled, in the order of arrival."""
    c = message.c
    rows = connection.execute(select(c.seq, c.lane, c.attempts, c.payload)
                              .where(c.seq.in_(seqs), c.settled.is_(None)).order_by(c.seq))
    return tuple(Work(seq=r.seq, lane=r.lane, attempts=r.attempts, payload=r.payload or b"") for r in rows)


@dataclass(frozen=True, slots=True, kw_only=True)
class Settlement:
    """How the processing of a message ended."""

    seq: int
    state: State
    issues: Sequence[Issue] = ()
    later_code: str = ""
    later: bytes = field(default=b"", repr=False)


def unsettled_of(connection: Connection, seqs: Sequence[int]) -> dict[int, tuple[str, datetime]]:
    """Those of these messages that are not settled: the id of each and when it came."""
    c = message.c
    rows = connection.execute(select(c.seq, c.id, c.received).where(c.seq.in_(seqs), c.settled.is_(None)))
    return {row.seq: (row.id, row.received) for row in rows}


_SETTLE = update(message).where(message.c.seq == bindparam("number")).values(due=None, attempts=message.c.attempts + 1)


def settle(connection: Connection, ends: Sequence[Settlement], now: datetime) -> None:
    """Note how processing ended; the issues take the place of those before."""
    if not ends:
        return
    firsts = [one.issues[0] if one.issues and one.state is not State.PROCESSED else None for one in ends]
    connection.execute(_SETTLE, [
        {"number": one.seq, "state": one.state.value, "code": first.code if first else "",
         "place": _clipped(first.where, 200) if first else "", "settled": now, "later_code": one.later_code,
         "later": one.later} for one, first in zip(ends, firsts, strict=True)])
    connection.execute(delete(issue).where(issue.c.message.in_([one.seq for one in ends])))
    add_issues(connection, [(one.seq, one.issues) for one in ends])


def postpone(connection: Connection, seq: int, *, code: str, due: datetime) -> None:
    """Note that processing did not end and is to be tried again at `due`."""
    connection.execute(update(message).where(message.c.seq == seq).values(
        state=State.WAITING.value, code=code, place="", due=due, attempts=message.c.attempts + 1))


@dataclass(frozen=True, slots=True, kw_only=True)
class Countable:
    """How many settled messages are ready to be processed anew, and how many are not because their bytes are gone."""

    ready: int
    gone: int


def countable(connection: Connection, where: ColumnElement[bool]) -> Countable:
    """What `again` would do."""
    has = message.c.payload.is_not(None)
    settled = message.c.settled.is_not(None)
    rows = connection.execute(select(has, func.count()).where(where, settled).group_by(has)).all()
    numbers = {bool(row[0]): int(row[1]) for row in rows}
    return Countable(ready=numbers.get(True, 0), gone=numbers.get(False, 0))


def retriable(where: ColumnElement[bool]) -> ColumnElement[bool]:
    """Those of a condition that can be processed anew: settled, and their bytes are still here."""
    return and_(where, message.c.settled.is_not(None), message.c.payload.is_not(None))


def again(connection: Connection, where: ColumnElement[bool]) -> int:
    """Have messages processed anew where they can be; how many."""
    done = connection.execute(
        update(message).where(retriable(where))
        .values(state=State.RECEIVED.value, code="", place="", due=None, settled=None, attempts=0))
    queue.defer_missing(connection, begun=False)
    return done.rowcount


def replaced(connection: Connection, name: str, by: str, now: datetime) -> None:
    """Note that a message was edited and that the edited one takes its place; it needs no one's attention any more."""
    connection.execute(update(message).where(message.c.id == name).values(
        replaced_by=by, state=State.FILTERED.value, due=None, settled=now))
