"""
Who looked at what: one row for each look at, or change of, something that may name a person.

Rows are only ever added, and dropped when their time of keeping is over. They name ids of the store, never content.
"""

from collections.abc import Sequence
from datetime import UTC, datetime
from enum import StrEnum

from sqlalchemy import ColumnElement, Connection, delete, insert, literal, select

from fhir_adapter.store.schema import AnyRow, audit, message


class Action(StrEnum):
    """What was done."""

    SHOW = "show"
    """What is known of a message: sender, control id, states."""
    CONTENT = "content"
    """The message itself, as it came."""
    RETRY = "retry"
    """Had it processed anew."""
    EDIT = "edit"
    """Put another in its place."""
    EXPORT = "export"
    """Wrote the message itself into a file."""


def record(connection: Connection, actor: str, action: Action, object_id: str, *, now: datetime | None = None) -> None:
    """Note that `actor` (as `cli:mona`, `web:key-1`) did this to a message or resource, before it is done.

    It counts once the caller's transaction is on disk; show nothing before.
    """
    connection.execute(insert(audit).values(at=now or datetime.now(UTC), actor=actor[:200], action=action.value,
                                            object=object_id[:100]))


def record_all(connection: Connection, actor: str, action: Action, where: ColumnElement[bool], *,
               now: datetime | None = None) -> None:
    """The same for every message of a condition."""
    rows = select(literal(now or datetime.now(UTC), audit.c.at.type), literal(actor[:200]), literal(action.value),
                  message.c.id).where(where)
    connection.execute(insert(audit).from_select(["at", "actor", "action", "object"], rows))


def listing(connection: Connection, *, object_id: str = "", actor: str = "", limit: int = 100,
            before: int | None = None) -> Sequence[AnyRow]:
    """The newest first: key, at, actor, action, object; of one object or one actor where they are given."""
    query = select(audit).order_by(audit.c.key.desc()).limit(limit)
    for column, value in ((audit.c.object, object_id), (audit.c.actor, actor)):
        query = query.where(column == value) if value else query
    return connection.execute(query if before is None else query.where(audit.c.key < before)).all()


def forget(connection: Connection, until: datetime) -> int:
    """Drop what was noted before a moment; how many rows."""
    return connection.execute(delete(audit).where(audit.c.at < until)).rowcount
