"""How many messages there are: by state, by what is wrong with them, hour by hour."""

from collections.abc import Sequence
from datetime import UTC, datetime

from sqlalchemy import Connection, func, or_, select

from fhir_adapter.store.messages import LONGEST_WAIT
from fhir_adapter.store.schema import AnyRow, message
from fhir_adapter.store.states import State

_OPEN = (State.RECEIVED.value, State.WAITING.value)
_TROUBLE = (State.REJECTED.value, State.FAILED.value)


def by_state(connection: Connection) -> dict[State, int]:
    """How many messages are in each state; states with none are left out."""
    rows = connection.execute(select(message.c.state, func.count()).group_by(message.c.state)).all()
    return {State(row[0]): int(row[1]) for row in rows}


def oldest_open(connection: Connection, now: datetime) -> AnyRow | None:
    """The message that has waited longest to be processed: id, received, state, code, due.

    One that is to be tried again at a time to come is only named where nothing else waits.
    """
    c = message.c
    oldest = select(c.id, c.received, c.state, c.code, c.due).where(c.state.in_(_OPEN)).order_by(c.seq).limit(1)
    due = or_(c.due.is_(None), c.due <= now, c.due > now + LONGEST_WAIT)
    return connection.execute(oldest.where(due)).one_or_none() or connection.execute(oldest).one_or_none()


def troubles(connection: Connection, *, limit: int) -> Sequence[AnyRow]:
    """What messages were rejected or failed for, most first: state, code, number, first and last."""
    c, number = message.c, func.count().label("number")
    return connection.execute(
        select(c.state, c.code, number, func.min(c.received).label("first"), func.max(c.received).label("last"))
        .where(c.state.in_(_TROUBLE)).group_by(c.state, c.code).order_by(number.desc(), c.code).limit(limit)).all()


def hourly(connection: Connection, since: datetime) -> dict[datetime, int]:
    """How many messages came in each hour since a moment; hours with none are left out."""
    c = message.c.received
    if connection.dialect.name == "sqlite":
        hour = func.substr(c, 1, 13)
        rows = connection.execute(select(hour, func.count()).where(c >= since).group_by(hour)).all()
        return {datetime.strptime(row[0], "%Y-%m-%d %H").replace(tzinfo=UTC): int(row[1]) for row in rows}
    trunc = func.date_trunc("hour", c, "UTC")
    return {row[0].astimezone(UTC): int(row[1])
            for row in connection.execute(select(trunc, func.count()).where(c >= since).group_by(trunc))}
