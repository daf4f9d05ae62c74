"""Subscriptions: who wants to hear of what, how far each has come, and what was set aside."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, delete, insert, or_, select, update

from fhir_adapter.store.schema import AnyRow, dead_letter, resource, subscription


def add(connection: Connection, values: dict[str, object]) -> None:
    """Write a new subscription."""
    connection.execute(insert(subscription).values(values))


def change(connection: Connection, name: str, values: dict[str, object]) -> bool:
    """Change a subscription; whether there is one."""
    return connection.execute(update(subscription).where(subscription.c.id == name).values(values)).rowcount > 0


def remove(connection: Connection, name: str) -> bool:
    """Forget a subscription and what was set aside for it; whether there was one."""
    connection.execute(delete(dead_letter).where(dead_letter.c.subscription == name))
    return connection.execute(delete(subscription).where(subscription.c.id == name)).rowcount > 0


def find(connection: Connection, name: str) -> AnyRow | None:
    """One subscription."""
    return connection.execute(select(subscription).where(subscription.c.id == name)).one_or_none()


def everyone(connection: Connection) -> Sequence[AnyRow]:
    """All subscriptions, the oldest first."""
    return connection.execute(select(subscription).order_by(subscription.c.created, subscription.c.id)).all()


def due(connection: Connection, now: datetime, longest: datetime) -> Sequence[AnyRow]:
    """Active subscriptions that may be delivered to; one that waits beyond `longest` counts as due (a clock jumped)."""
    c = subscription.c
    return connection.execute(select(subscription).where(
        c.status == "active", or_(c.due.is_(None), c.due <= now, c.due > longest))).all()


def news(connection: Connection, where: ColumnElement[bool], beyond: int, limit: int) -> Sequence[AnyRow]:
    """Current resources that changed after change number `beyond`, in the order of their changes."""
    return connection.execute(select(resource).where(where, resource.c.key > beyond)
                              .order_by(resource.c.key).limit(limit)).all()


def bury(connection: Connection, name: str, row: AnyRow, code: str, now: datetime) -> None:
    """Set a notification aside."""
    connection.execute(insert(dead_letter).values(subscription=name, type=row.type, id=row.id, code=code, noted=now))


def buried(connection: Connection, name: str) -> Sequence[AnyRow]:
    """What was set aside for a subscription."""
    return connection.execute(select(dead_letter).where(dead_letter.c.subscription == name)
                              .order_by(dead_letter.c.key)).all()


def exhume(connection: Connection, keys: Sequence[int]) -> None:
    """Forget that these were set aside."""
    connection.execute(delete(dead_letter).where(dead_letter.c.key.in_(keys)))
