"""
Results in the store: versions of reports, and versions of the resources that they made.

Nothing is overwritten. `resource.key` counts all changes in the order of their commits, so a reader that remembers the
last key that it saw misses none.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, and_, delete, insert, select, update

from fhir_adapter.store.schema import report_version, resource


@dataclass(frozen=True, slots=True, kw_only=True)
class Version:
    """The current version of a report: where it is and what it said of its age."""

    key: int
    status: str
    issued: str
    sent: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Current:
    """The current version of a resource."""

    key: int
    type: str
    id: str
    version: int
    report: str
    digest: str
    content: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """A new version of a resource; `replaces` is the one that was current, None where it is the first."""

    type: str
    id: str
    report: str
    digest: str
    content: str
    replaces: Current | None


def current_version(connection: Connection, report: str) -> Version | None:
    """The version of a report that its resources come from."""
    c = report_version.c
    row = connection.execute(select(c.key, c.status, c.issued, c.sent)
                             .where(c.report == report, c.current)).one_or_none()
    return Version(key=row.key, status=row.status, issued=row.issued, sent=row.sent) if row else None


def add_version(connection: Connection, *, report: str, message: int, status: str, issued: str, sent: str,
                replaces: Version | None, current: bool) -> None:
    """Write a version of a report; a current one takes the place of `replaces`. A message has one row a report."""
    if current and replaces is not None:
        connection.execute(update(report_version).where(report_version.c.key == replaces.key).values(current=False))
    connection.execute(delete(report_version).where(
        report_version.c.report == report, report_version.c.message == message, report_version.c.current.is_(False)))
    connection.execute(insert(report_version).values(report=report, message=message, status=status, issued=issued,
                                                     sent=sent, current=current))


def current_resources(connection: Connection, report: str, names: Sequence[tuple[str, str]]) -> tuple[Current, ...]:
    """The current resources that `report` made, and those of these types and ids whoever made them."""
    c = resource.c
    columns = select(c.key, c.type, c.id, c.version, c.report, c.digest, c.content)
    rows = list(connection.execute(columns.where(c.report == report, c.current)))
    known = {row.key for row in rows}
    rows += [row for row in connection.execute(columns.where(named_among(names), c.current))
             if (row.type, row.id) in names and row.key not in known] if names else []
    return tuple(Current(key=r.key, type=r.type, id=r.id, version=r.version, report=r.report, digest=r.digest,
                         content=r.content) for r in sorted(rows, key=lambda r: int(r.key)))


def named_among(names: Iterable[tuple[str, str]]) -> ColumnElement[bool]:
    """At least the resources of these types and ids, and few others: SQLite finds no pairs by an index."""
    names = tuple(names)
    return and_(resource.c.type.in_(sorted({kind for kind, _ in names})),
                resource.c.id.in_(sorted({name for _, name in names})))


def change(connection: Connection, changes: Iterable[Change], now: datetime) -> None:
    """Write new versions of resources."""
    changes = tuple(changes)
    if not changes:
        return
    replaced = [one.replaces.key for one in changes if one.replaces is not None]
    if replaced:
        connection.execute(update(resource).where(resource.c.key.in_(replaced)).values(current=False))
    connection.execute(insert(resource), [
        {"type": one.type, "id": one.id, "version": one.replaces.version + 1 if one.replaces else 1, "updated": now,
         "current": True, "report": one.report, "digest": one.digest, "content": one.content} for one in changes])
