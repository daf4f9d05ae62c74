"""
Results in the store: versions of reports, and versions of the resources that they made.

Nothing is overwritten. `resource.key` counts all changes in the order of their commits, so a reader that remembers the
last key that it saw misses none.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, and_, delete, select, update

from fhir_adapter.store.bulk import current, insert_rows, keys
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


@dataclass(frozen=True, slots=True, kw_only=True)
class NewVersion:
    """A version of a report to be written; a current one takes the place of `replaces`."""

    report: str
    message: int
    status: str
    issued: str
    sent: str
    replaces: Version | None
    current: bool


def current_versions(connection: Connection, reports: Sequence[str]) -> dict[str, Version]:
    """The versions of reports that their resources come from, by report."""
    c = report_version.c
    rows = connection.execute(select(c.report, c.key, c.status, c.issued, c.sent).where(c.report.in_(reports),
                                                                                     c.current))
    return {row.report: Version(key=row.key, status=row.status, issued=row.issued, sent=row.sent) for row in rows}


def add_versions(connection: Connection, versions: Sequence[NewVersion]) -> None:
    """Write versions, of each report one. A message has one row a report."""
    c = report_version.c
    if replaced := [one.replaces.key for one in versions if one.current and one.replaces is not None]:
        connection.execute(update(report_version).where(c.key.in_(replaced)).values(current=False))
    for one in versions:
        if one.replaces is not None:  # else there is none of it that could be of the same message
            connection.execute(delete(report_version).where(
                c.report == one.report, c.message == one.message, c.current.is_(False)))
    columns = ("report", "message", "status", "issued", "sent", "current")
    insert_rows(connection, report_version, columns,
                [tuple(getattr(one, name) for name in columns) for one in versions])


def current_resources(connection: Connection, reports: Sequence[str],
                      names: Sequence[tuple[str, str]]) -> tuple[Current, ...]:
    """The current resources that `reports` made, and those of these types and ids whoever made them."""
    c = resource.c
    rows = {}
    if reports:
        asked = select(c.key, c.type, c.id, c.version, c.report, c.digest, c.content)
        rows = {row.key: row for row in connection.execute(asked.where(c.report.in_(reports), c.current))}
    if names:
        rows |= {row.key: row for row in current(connection, names)}
    return tuple(Current(key=r.key, type=r.type, id=r.id, version=r.version, report=r.report, digest=r.digest,
                         content=r.content) for _, r in sorted(rows.items()))


def named_among(names: Iterable[tuple[str, str]]) -> ColumnElement[bool]:
    """At least the resources of these types and ids, and few others: SQLite finds no pairs by an index."""
    names = tuple(names)
    return and_(resource.c.type.in_(sorted({kind for kind, _ in names})),
                resource.c.id.in_(sorted({name for _, name in names})))


def change(connection: Connection, changes: Sequence[Change], now: datetime) -> Sequence[int]:
    """Write new versions of resources, of each one at most; their keys, in the same order."""
    if not changes:
        return ()
    replaced = [one.replaces.key for one in changes if one.replaces is not None]
    if replaced:
        connection.execute(update(resource).where(resource.c.key.in_(replaced)).values(current=False))
    numbers = keys(connection, resource, len(changes))
    insert_rows(connection, resource, ("key", "type", "id", "version", "updated", "current", "report", "digest",
                                       "content"),
                [(key, one.type, one.id, one.replaces.version + 1 if one.replaces else 1, now, True, one.report,
                  one.digest, one.content) for key, one in zip(numbers, changes, strict=True)])
    return numbers
