"""By what current resources are found, and the finding."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Literal, NamedTuple

from sqlalchemy import (
    ColumnElement,
    Connection,
    FromClause,
    and_,
    delete,
    exists,
    false,
    func,
    not_,
    or_,
    select,
    true,
)

from fhir_adapter.store.bulk import insert_rows
from fhir_adapter.store.results import named_among
from fhir_adapter.store.schema import AnyRow, lookup, resource

__all__ = ["ColumnElement", "Criterion", "Indexed", "Lookup", "Mode", "Wanted"]

BEGINNING, END = -1e15, 1e15
"""Seconds before and after all times, for periods that are open."""

Mode = Literal["any", "token", "starts", "contains", "exact", "reference", "within", "overlaps", "below", "above",
               "at most", "at least", "after", "before", "outside"]


class Lookup(NamedTuple):
    """One value of one search parameter of a resource; numbers and times as an interval."""

    parameter: str
    system: str = ""
    value: str = ""
    low: float | None = None
    high: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """One value asked for. `system` and `value` None mean any; `low` and `high` bound numbers and times."""

    mode: Mode
    system: str | None = None
    value: str | None = None
    low: float = 0.0
    high: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Criterion:
    """A parameter and the values of which a resource must have one, or none if `negated`."""

    parameter: str
    wanted: tuple[Wanted, ...]
    negated: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Linked:
    """A reference `parameter`, and what must hold of the resource of type `kind` at its other end.

    `reverse`: the other resource refers to this one (`_has`), instead of this one to the other (a chain).
    """

    parameter: str
    kind: str
    criteria: "tuple[Criterion | Linked | AnyOf, ...]"
    reverse: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class AnyOf:
    """Alternatives: a chain may lead to resources of several types."""

    of: tuple[Linked, ...]


class Indexed(NamedTuple):
    """The lookups of a resource; `fresh` where it had none before."""

    type: str
    id: str
    lookups: Sequence[Lookup]
    fresh: bool = False


def index(connection: Connection, rows: Iterable[Indexed]) -> None:
    """Put the lookups of current resources in the place of those of their former versions."""
    rows = tuple(rows)
    for kind in sorted({row.type for row in rows if not row.fresh}):
        names = [row.id for row in rows if row.type == kind and not row.fresh]
        connection.execute(delete(lookup).where(lookup.c.type == kind, lookup.c.id.in_(names)))
    insert_rows(connection, lookup, ("type", "id", *Lookup._fields),
                [(row.type, row.id, *one) for row in rows for one in row.lookups])


def _matches(wanted: Wanted) -> ColumnElement[bool]:
    c, low, high = lookup.c, wanted.low, wanted.high
    text = and_(true() if wanted.system is None else c.system == wanted.system,
                true() if wanted.value is None else c.value == wanted.value)
    value, inside = (wanted.value or "").lower(), and_(c.low >= low, c.high <= high)
    meanings: dict[Mode, ColumnElement[bool]] = {
        "any": true(),
        "token": text,
        "exact": text,
        "starts": func.lower(c.value).startswith(value, autoescape=True),
        "contains": func.lower(c.value).contains(value, autoescape=True),
        # A bare id matches a reference of any type to it.
        "reference": or_(c.value == wanted.value, c.value.endswith(f"/{wanted.value}", autoescape=True)),
        # Prefixes of numbers and times (FHIR R4, 3.1.1.4.6): eq, ne, gt, lt, ge, le, sa, eb, and ap as an overlap.
        "within": and_(text, inside),
        "outside": and_(text, not_(inside)),
        "above": and_(text, c.high > high),
        "below": and_(text, c.low < low),
        "at least": and_(text, or_(c.high > high, inside)),
        "at most": and_(text, or_(c.low < low, inside)),
        "after": and_(text, c.low >= high),
        "before": and_(text, c.high <= low),
        "overlaps": and_(text, c.low <= high, c.high >= low),
    }
    return meanings[wanted.mode]


def _updated(wanted: Wanted, of: FromClause) -> ColumnElement[bool]:
    """A condition on the moment of the last change."""
    low, high = (datetime.fromtimestamp(max(0.0, one), UTC) for one in (wanted.low, wanted.high))
    c = of.c.updated
    return {"above": c >= high, "after": c >= high, "below": c < low, "before": c < low, "at least": c >= low,
            "at most": c < high, "outside": or_(c < low, c >= high)}.get(wanted.mode, and_(c >= low, c < high))


def either(conditions: Iterable[ColumnElement[bool]]) -> ColumnElement[bool]:
    """Any of several conditions; none holds where there are none."""
    return or_(false(), *conditions)


def condition(kind: str, criteria: Sequence[Criterion | Linked | AnyOf],
              of: FromClause = resource) -> ColumnElement[bool]:
    """What the criteria say about a current resource of a type, all of them; `of` is the table or an alias of it."""
    return and_(of.c.type == kind, of.c.current, *(_holds(one, kind, of) for one in criteria))


def _holds(one: Criterion | Linked | AnyOf, kind: str, of: FromClause) -> ColumnElement[bool]:
    if isinstance(one, AnyOf):
        return either(_linked(link, kind, of) for link in one.of)
    if isinstance(one, Linked):
        return _linked(one, kind, of)
    if one.parameter == "_id":
        return of.c.id.in_([wanted.value for wanted in one.wanted])
    if one.parameter == "_lastUpdated":
        return or_(*(_updated(wanted, of) for wanted in one.wanted))
    has = exists().where(lookup.c.type == of.c.type, lookup.c.id == of.c.id, lookup.c.parameter == one.parameter,
                         or_(*map(_matches, one.wanted)))
    return not_(has) if one.negated else has


def _linked(link: Linked, kind: str, of: FromClause) -> ColumnElement[bool]:
    """There is a resource at the other end of a reference for which the criteria hold."""
    other, way = resource.alias(), lookup.alias()
    holds = condition(link.kind, link.criteria, other)
    if link.reverse:
        return exists().where(way.c.type == link.kind, way.c.parameter == link.parameter,
                              way.c.value == f"{kind}/" + of.c.id, way.c.id == other.c.id, holds)
    target = func.substr(way.c.value, len(link.kind) + 2)
    return exists().where(way.c.type == kind, way.c.id == of.c.id, way.c.parameter == link.parameter,
                          way.c.value.startswith(f"{link.kind}/"), other.c.id == target, holds)


def own_order(name: str, *, descending: bool) -> ColumnElement[object]:
    """An order by `_id` or `_lastUpdated`; the latter is the order of changes."""
    column = resource.c.id if name == "_id" else resource.c.key
    return column.desc() if descending else column.asc()


def order(parameter: str, *, numeric: bool, descending: bool) -> ColumnElement[object]:
    """An order by the least value of a parameter (the greatest when descending); without one last."""
    value = lookup.c.low if numeric else lookup.c.value
    found = (select(func.max(value) if descending else func.min(value))
             .where(lookup.c.type == resource.c.type, lookup.c.id == resource.c.id, lookup.c.parameter == parameter)
             .scalar_subquery())
    return found.desc().nulls_last() if descending else found.asc().nulls_last()


def count(connection: Connection, where: ColumnElement[bool]) -> int:
    """How many current resources there are."""
    return connection.execute(select(func.count()).select_from(resource).where(where)).scalar_one()


def page(connection: Connection, where: ColumnElement[bool], sort: Sequence[ColumnElement[object]], *, limit: int,
         offset: int) -> Sequence[AnyRow]:
    """So many current resources in an order, the last changed first where none is given."""
    return connection.execute(
        select(resource).where(where).order_by(*sort, resource.c.key.desc()).limit(limit).offset(offset)).all()


def named(connection: Connection, names: Iterable[tuple[str, str]]) -> Sequence[AnyRow]:
    """Current resources by type and id."""
    names = set(names)
    if not names:
        return []
    rows = connection.execute(select(resource).where(resource.c.current, named_among(names)).order_by(resource.c.key))
    return [row for row in rows if (row.type, row.id) in names]


def referring(connection: Connection, kind: str, parameter: str, to: Sequence[tuple[str, str]]) -> Sequence[AnyRow]:
    """Current resources of a type that refer to some by a parameter."""
    targets = [f"{one}/{name}" for one, name in to]
    has = exists().where(lookup.c.type == resource.c.type, lookup.c.id == resource.c.id,
                         lookup.c.parameter == parameter, lookup.c.value.in_(targets))
    return connection.execute(select(resource).where(resource.c.type == kind, resource.c.current, has)
                              .order_by(resource.c.key)).all()


def references(connection: Connection, kind: str, names: Sequence[str], parameter: str) -> tuple[tuple[str, str], ...]:
    """What some resources of a type refer to by a parameter, as type and id."""
    rows = connection.execute(select(lookup.c.value).where(lookup.c.type == kind, lookup.c.id.in_(names),
                                                           lookup.c.parameter == parameter)).scalars()
    return tuple((target.split("/")[0], target.split("/")[1]) for target in rows if target.count("/") == 1)


def versions(connection: Connection, kind: str, name: str) -> Sequence[AnyRow]:
    """All versions of a resource, the newest first."""
    return connection.execute(select(resource).where(resource.c.type == kind, resource.c.id == name)
                              .order_by(resource.c.version.desc())).all()


def last_key(connection: Connection) -> int:
    """The number of the last change; 0 where there was none."""
    return connection.execute(select(func.max(resource.c.key))).scalar() or 0


def as_of(connection: Connection, kind: str, key: int, *, after: int, limit: int) -> Sequence[AnyRow]:
    """The resources of a type as they were after change `key`, in the order of change, from beyond `after` on."""
    newer = resource.alias()
    replaced = exists().where(newer.c.type == resource.c.type, newer.c.id == resource.c.id, newer.c.key <= key,
                              newer.c.version > resource.c.version)
    return connection.execute(select(resource).where(
        resource.c.type == kind, resource.c.key <= key, resource.c.key > after, not_(replaced))
        .order_by(resource.c.key).limit(limit)).all()
