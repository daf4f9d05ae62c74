"""Subscriptions: who wants to hear of what, how far each has come, and what was set aside."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, delete, func, insert, or_, select, update

from fhir_adapter.store.schema import AnyRow, dead_letter, resource, subscription, subscription_event


def add(connection: Connection, values: dict[str, object]) -> None:
    """Write a new subscription."""
    connection.execute(insert(subscription).values(values))


def change(connection: Connection, name: str, values: dict[str, object]) -> bool:
    """Change a subscription; whether there is one."""
    return connection.execute(update(subscription).where(subscription.c.id == name).values(values)).rowcount > 0


def remove(connection: Connection, name: str) -> bool:
    """Forget a subscription and what was set aside for it; whether there was one."""
    for table in (dead_letter, subscription_event):
        connection.execute(delete(table).where(table.c.subscription == name))
    return connection.execute(delete(subscription).where(subscription.c.id == name)).rowcount > 0


def find(connection: Connection, name: str) -> AnyRow | None:
    """One subscription."""
    return connection.execute(select(subscription).where(subscription.c.id == name)).one_or_none()


def everyone(connection: Connection) -> Sequence[AnyRow]:
    """All subscriptions, the oldest first."""
    return connection.execute(select(subscription).order_by(subscription.c.created, subscription.c.id)).all()


def due(connection: Connection, now: datetime, longest: datetime) -> Sequence[AnyRow]:
    """Subscriptions that may be delivered to; one that waits beyond `longest` counts as due (a clock jumped)."""
    c = subscription.c
    return connection.execute(select(subscription).where(
        c.status.in_(("active", "requested")), or_(c.due.is_(None), c.due <= now, c.due > longest))).all()


def turn_off(connection: Connection, names: Sequence[str]) -> None:
    """Deliver nothing more of these."""
    connection.execute(update(subscription).where(subscription.c.id.in_(names)).values(status="off"))


def news(connection: Connection, where: ColumnElement[bool], beyond: int, limit: int) -> Sequence[AnyRow]:
    """Current resources that changed after change number `beyond`, in the order of their changes."""
    return connection.execute(select(resource).where(where, resource.c.key > beyond)
                              .order_by(resource.c.key).limit(limit)).all()


def number(connection: Connection, name: str, changes: Sequence[AnyRow], last: int, now: datetime) -> int:
    """Make events of changes, numbered on from `last`; the last number now."""
    if changes:
        connection.execute(insert(subscription_event), [
            {"subscription": name, "number": last + place, "type": row.type, "id": row.id, "noted": now}
            for place, row in enumerate(changes, 1)])
    return last + len(changes)


def events(connection: Connection, name: str, first: int, last: int, limit: int) -> Sequence[AnyRow]:
    """The events of a subscription with these numbers, both included, the lowest first."""
    c = subscription_event.c
    return connection.execute(select(subscription_event).where(
        c.subscription == name, c.number >= first, c.number <= last).order_by(c.number).limit(limit)).all()


def last_event_of(connection: Connection, name: str, kind: str, resource_name: str) -> int | None:
    """The number of the last event of a resource for a subscription; None where there is none."""
    c = subscription_event.c
    return connection.execute(select(func.max(c.number)).where(
        c.subscription == name, c.type == kind, c.id == resource_name)).scalar()


def forget_events(connection: Connection, before: datetime) -> int:
    """Forget events noted before a moment that were delivered; how many."""
    c = subscription_event.c
    delivered = select(subscription.c.delivered).where(subscription.c.id == c.subscription).scalar_subquery()
    return connection.execute(delete(subscription_event).where(c.noted < before, c.number <= delivered)).rowcount


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
