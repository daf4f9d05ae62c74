"""FHIR servers that reports come from: how far each was asked, which events were heard, which reports are to fetch."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection, and_, insert, or_, select, update

from fhir_adapter.store.schema import AnyRow, source, source_report, source_subscription


def begin(connection: Connection, name: str, since: datetime) -> None:
    """Know a source; one that is new is asked for what changes after `since`."""
    if find(connection, name) is None:
        connection.execute(insert(source).values(name=name, since=since, due=None, failures=0, code=""))


def find(connection: Connection, name: str) -> AnyRow | None:
    """One source."""
    return connection.execute(select(source).where(source.c.name == name)).one_or_none()


def change(connection: Connection, name: str, values: dict[str, object]) -> None:
    """Change what is known of a source."""
    connection.execute(update(source).where(source.c.name == name).values(values))


def want(connection: Connection, name: str, report: str, now: datetime, version: str | None = None) -> bool:
    """Put a report down to be fetched; not if it is known that `version` was taken. Whether it was put down."""
    c = source_report.c
    here = and_(c.source == name, c.id == report)
    known = connection.execute(select(source_report).where(here)).one_or_none()
    if known is not None and version is not None and known.version == version:
        return False
    if known is None:
        connection.execute(insert(source_report).values(
            source=name, id=report, version="", wanted=1, noted=now, due=None, failures=0, code=""))
    else:
        connection.execute(update(source_report).where(here).values(
            wanted=c.wanted + 1, due=None, failures=0, code="", noted=now))
    return True


def wanted(connection: Connection, name: str, now: datetime, limit: int) -> Sequence[AnyRow]:
    """Reports to be fetched from a source now, those noted first before the others."""
    c = source_report.c
    return connection.execute(select(source_report).where(
        c.source == name, c.wanted > 0, or_(c.due.is_(None), c.due <= now)).order_by(c.noted, c.id).limit(limit)).all()


def settle(connection: Connection, row: AnyRow, version: str) -> None:
    """
    Note that a report was taken in this version.

    One that was wanted again while it was fetched stays wanted: `wanted` counts, and only what was seen is taken off.
    """
    c = source_report.c
    connection.execute(update(source_report).where(c.source == row.source, c.id == row.id).values(
        version=version, wanted=c.wanted - row.wanted, due=None, failures=0, code=""))


def postpone(connection: Connection, row: AnyRow, *, code: str, due: datetime) -> None:
    """Note that a report could not be fetched and when to try again."""
    c = source_report.c
    connection.execute(update(source_report).where(c.source == row.source, c.id == row.id).values(
        failures=c.failures + 1, code=code, due=due))


def heard(connection: Connection, name: str, subscription: str, number: int) -> int:
    """Note the last event of a subscription that was heard of; the number of the last one before, -1 where none was."""
    c = source_subscription.c
    here = and_(c.source == name, c.subscription == subscription)
    before = connection.execute(select(c.events).where(here)).scalar()
    if before is None:
        connection.execute(insert(source_subscription).values(source=name, subscription=subscription, events=number,
                                                              missing=0))
        return -1
    if number > before:
        connection.execute(update(source_subscription).where(here).values(events=number))
    return int(before)


def missed(connection: Connection, name: str, subscription: str, first: int) -> None:
    """Note from which event on a subscription is to be asked again; 0 is none."""
    c = source_subscription.c
    connection.execute(update(source_subscription).where(c.source == name, c.subscription == subscription)
                       .values(missing=first))


def gaps(connection: Connection, name: str) -> Sequence[AnyRow]:
    """Subscriptions of a source of which events were missed."""
    c = source_subscription.c
    return connection.execute(select(source_subscription).where(c.source == name, c.missing > 0)).all()
