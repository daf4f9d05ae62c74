"""By what current resources are found, and the finding."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Literal

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

__all__ = ["ColumnElement", "Criterion", "Lookup", "Mode", "Own", "Wanted"]

BEGINNING, END = -1e15, 1e15
"""Seconds before and after all times, for periods that are open."""

Mode = Literal["any", "token", "starts", "contains", "exact", "reference", "within", "overlaps", "below", "above",
               "at most", "at least", "after", "before", "outside"]


Lookup = tuple[int, str, str, float | None, float | None]
"""One value in an element of a resource: the element's number, system, value, and numbers and times as an interval."""


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
    """Elements and the values of which one of them must have one, or none if `negated`.

    `sharpness`: how few resources are likely to fulfil it; 0 is many.
    """

    elements: tuple[int, ...]
    wanted: tuple[Wanted, ...]
    negated: bool = False
    sharpness: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Own:
    """What holds of a resource itself: `name` is `_id` or `_lastUpdated`."""

    name: Literal["_id", "_lastUpdated"]
    wanted: tuple[Wanted, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Linked:
    """References in some elements, and what must hold of the resource of type `kind` at the other end.

    `reverse`: the other resource refers to this one (`_has`), instead of this one to the other (a chain).
    """

    elements: tuple[int, ...]
    kind: str
    criteria: "tuple[Condition, ...]"
    reverse: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class AnyOf:
    """Alternatives: a chain may lead to resources of several types."""

    of: tuple[Linked, ...]


Condition = Criterion | Own | Linked | AnyOf


def index(connection: Connection, rows: Sequence[tuple[int, Sequence[Lookup]]], *, gone: Sequence[int] = ()) -> None:
    """Make current resources known by their lookups; those in `gone` are current no more. Both by their keys."""
    if gone:
        connection.execute(delete(lookup).where(lookup.c.resource.in_(gone)))
    insert_rows(connection, lookup, ("resource", "element", "system", "value", "low", "high"),
                [(key, *one) for key, some in rows for one in some])


def empty(connection: Connection) -> bool:
    """Whether there are resources and nothing is known by anything."""
    return bool(connection.execute(select(exists().where(resource.c.current) & ~exists().where(
        lookup.c.resource.is_not(None)))).scalar())


def unindexed(connection: Connection, *, after: int, limit: int) -> Sequence[AnyRow]:
    """Current resources beyond a key that are known by nothing, in the order of their keys."""
    known = exists().where(lookup.c.resource == resource.c.key)
    return connection.execute(select(resource.c.key, resource.c.type, resource.c.content)
                              .where(resource.c.current, resource.c.key > after, not_(known))
                              .order_by(resource.c.key).limit(limit)).all()


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
        "reference": or_(c.value == wanted.value, *(() if "/" in (wanted.value or "") else (
            c.value.endswith(f"/{wanted.value}", autoescape=True),))),
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


def condition(kind: str, criteria: Sequence[Condition], of: FromClause = resource) -> ColumnElement[bool]:
    """What the criteria say about a current resource of a type, all of them; `of` is the table or an alias of it."""
    # Found by the sharpest criterion and then held against the others, instead of looking at all of the type.
    sharp = [one for one in criteria if isinstance(one, Criterion) and one.sharpness and not one.negated]
    first = max(sharp, key=lambda one: one.sharpness, default=None)
    others = (_holds(one, kind, of) for one in criteria if one is not first)
    found = [of.c.key.in_(select(lookup.c.resource).where(_says(first, lookup)))] if first is not None else []
    return and_(*found, of.c.type == kind, of.c.current, *others)


def _says(one: Criterion, at: FromClause) -> ColumnElement[bool]:
    return and_(at.c.element.in_(one.elements), or_(*map(_matches, one.wanted)))


def _holds(one: Condition, kind: str, of: FromClause) -> ColumnElement[bool]:
    if isinstance(one, AnyOf):
        return either(_linked(link, kind, of) for link in one.of)
    if isinstance(one, Linked):
        return _linked(one, kind, of)
    if isinstance(one, Own):
        if one.name == "_id":
            return of.c.id.in_([wanted.value for wanted in one.wanted])
        return or_(*(_updated(wanted, of) for wanted in one.wanted))
    has = exists().where(lookup.c.resource == of.c.key, _says(one, lookup))
    return not_(has) if one.negated else has


def _linked(link: Linked, kind: str, of: FromClause) -> ColumnElement[bool]:
    """There is a resource at the other end of a reference for which the criteria hold."""
    other, way = resource.alias(), lookup.alias()
    holds = condition(link.kind, link.criteria, other)
    if link.reverse:
        return exists().where(way.c.element.in_(link.elements), way.c.value == f"{kind}/" + of.c.id,
                              other.c.key == way.c.resource, holds)
    target = func.substr(way.c.value, len(link.kind) + 2)
    return exists().where(way.c.resource == of.c.key, way.c.element.in_(link.elements),
                          way.c.value.startswith(f"{link.kind}/"), other.c.id == target, holds)


def own_order(name: str, *, descending: bool) -> ColumnElement[object]:
    """An order by `_id` or `_lastUpdated`; the latter is the order of changes."""
    column = resource.c.id if name == "_id" else resource.c.key
    return column.desc() if descending else column.asc()


def order(elements: Sequence[int], *, numeric: bool, descending: bool) -> ColumnElement[object]:
    """An order by the least value in some elements (the greatest when descending); without one last."""
    value = lookup.c.low if numeric else lookup.c.value
    found = (select(func.max(value) if descending else func.min(value))
             .where(lookup.c.resource == resource.c.key, lookup.c.element.in_(elements))
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


def referring(connection: Connection, kind: str, elements: Sequence[int],
              to: Sequence[tuple[str, str]]) -> Sequence[AnyRow]:
    """Current resources of a type that refer to some in certain elements."""
    targets = [f"{one}/{name}" for one, name in to]
    keys = select(lookup.c.resource).where(lookup.c.element.in_(elements), lookup.c.value.in_(targets))
    return connection.execute(select(resource).where(resource.c.key.in_(keys), resource.c.type == kind,
                                                     resource.c.current).order_by(resource.c.key)).all()


def references(connection: Connection, keys: Sequence[int], elements: Sequence[int]) -> tuple[tuple[str, str], ...]:
    """What some resources, by their keys, refer to in certain elements, as type and id."""
    rows = connection.execute(select(lookup.c.value).where(
        lookup.c.resource.in_(keys), lookup.c.element.in_(elements))).scalars()
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
