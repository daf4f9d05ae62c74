"""How far a backfill came in each of its files, and what became of the messages that it took."""

from collections.abc import Mapping, Sequence

from sqlalchemy import ColumnElement, Connection, delete, func, insert, select, update

from fhir_adapter.store.schema import AnyRow, backfill_place, message


def places(connection: Connection, name: str) -> Mapping[str, tuple[int, bool]]:
    """For each file that was begun, by the digest of its name: how many messages were taken, whether it is done."""
    c = backfill_place.c
    return {row.file: (row.messages, row.finished) for row in connection.execute(
        select(c.file, c.messages, c.finished).where(c.backfill == name))}


def place(connection: Connection, name: str, file: str, *, messages: int, finished: bool) -> None:
    """Note how far a file was taken, in the transaction that takes it."""
    c = backfill_place.c
    done = connection.execute(update(backfill_place).where(c.backfill == name, c.file == file)
                              .values(messages=messages, finished=finished))
    if not done.rowcount:
        connection.execute(insert(backfill_place).values(backfill=name, file=file, messages=messages,
                                                         finished=finished))


def forget(connection: Connection, name: str) -> None:
    """Let a backfill begin from its beginning; what it took stays."""
    connection.execute(delete(backfill_place).where(backfill_place.c.backfill == name))


def _of(name: str) -> ColumnElement[bool]:
    return message.c.origin.startswith(f"{name}/", autoescape=True)


def unsettled(connection: Connection, name: str) -> int:
    """How many of its messages wait to be processed."""
    return connection.execute(select(func.count()).where(_of(name), message.c.settled.is_(None))).scalar_one()


def counts(connection: Connection, name: str) -> Sequence[AnyRow]:
    """State, code and number of its messages, most first."""
    number = func.count().label("number")
    return connection.execute(select(message.c.state, message.c.code, number).where(_of(name))
                              .group_by(message.c.state, message.c.code).order_by(number.desc())).all()


def troubles(connection: Connection, name: str, *, after: int, limit: int) -> Sequence[AnyRow]:
    """Its messages that were rejected or failed, in the order in which they were taken."""
    c = message.c
    return connection.execute(select(c.seq, c.id, c.origin, c.state, c.code, c.place).where(
        _of(name), c.state.in_(("rejected", "failed")), c.seq > after).order_by(c.seq).limit(limit)).all()
