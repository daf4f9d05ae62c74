"""
The results as a FHIR server gives them: read, versions, search with includes, and the whole as of a moment.

FHIR R4: 3.1.0 (RESTful API) and 3.1.1 (search). What can be asked for stands in the table of search parameters; a
parameter that is not there is left out of the answer's own link, or refused where the client wants strict handling.
"""

import json
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import parse_qsl

from fhir_adapter.errors import AdapterError
from fhir_adapter.model.report import JSONObject
from fhir_adapter.service.indexing import seconds
from fhir_adapter.store import lookups
from fhir_adapter.store.database import Database
from fhir_adapter.store.lookups import AnyOf, ColumnElement, Condition, Criterion, Linked, Mode, Own, Wanted
from fhir_adapter.store.schema import AnyRow
from fhir_adapter.tables.results import ResultTables, SearchParameter

MOST = 500
_USUAL = 50
_PREFIXED = re.compile(r"(eq|ne|gt|lt|ge|le|sa|eb|ap)?(.+)", re.DOTALL)
_MODES: dict[str, Mode] = {"": "within", "eq": "within", "ne": "outside", "gt": "above", "lt": "below",
                           "ge": "at least", "le": "at most", "sa": "after", "eb": "before", "ap": "overlaps"}
_COMMON = {"status", "intent", "priority", "category", "gender"}
"""Parameters whose values each belong to a large part of all resources."""
_CONTROLS = {"_count", "_offset", "_sort", "_include", "_revinclude", "_summary", "_elements", "_total", "_format",
             "_pretty"}


class SearchRefused(AdapterError):
    """A parameter or a value that cannot be searched by; `where` names the parameter, never the value."""

    def __init__(self, where: str) -> None:
        super().__init__(where)
        self.where = where


@dataclass(frozen=True, slots=True, kw_only=True)
class Stored:
    """One version of a resource with what the server knows of it."""

    type: str
    id: str
    version: int
    updated: str
    resource: JSONObject


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """One page: matches, what they brought with them, how many matches there are in all, the parameters understood."""

    matches: tuple[Stored, ...]
    included: tuple[Stored, ...]
    total: int
    understood: tuple[tuple[str, str], ...]
    offset: int
    size: int


def stored(row: AnyRow) -> Stored:
    """A row with its version and time in `meta`."""
    updated = row.updated.isoformat(timespec="milliseconds").replace("+00:00", "Z")
    resource: dict[str, Any] = json.loads(row.content)
    resource["meta"] = {"versionId": str(row.version), "lastUpdated": updated, **resource.get("meta", {})}
    return Stored(type=row.type, id=row.id, version=row.version, updated=updated, resource=resource)


@dataclass(frozen=True, slots=True)
class Results:
    """The stored results."""

    database: Database
    tables: ResultTables

    def read(self, kind: str, name: str) -> Stored | None:
        """The current version."""
        with self.database.reading() as connection:
            rows = lookups.named(connection, [(kind, name)])
        return stored(rows[0]) if rows else None

    def versions(self, kind: str, name: str) -> tuple[Stored, ...]:
        """All versions, the newest first."""
        with self.database.reading() as connection:
            return tuple(map(stored, lookups.versions(connection, kind, name)))

    def last_key(self) -> int:
        """The number of the last change; with it, the results can be had as they are now at any later time."""
        with self.database.reading() as connection:
            return lookups.last_key(connection)

    def as_of(self, kind: str, key: int, *, since: str = "") -> Iterator[Stored]:
        """All resources of a type as they were after change number `key`, those changed since a moment only."""
        begin = _period(since) if since else None
        if since and begin is None:
            raise SearchRefused("_since")
        after = 0
        while True:
            with self.database.reading() as connection:
                rows = lookups.as_of(connection, kind, key, after=after, limit=_USUAL)
            if not rows:
                return
            for row in rows:
                if begin is None or row.updated.timestamp() >= begin[0]:
                    yield stored(row)
            after = rows[-1].key

    def condition(self, kind: str, given: Iterable[tuple[str, str]]) -> ColumnElement[bool]:
        """What a query says about current resources; every parameter must be known."""
        return lookups.condition(kind, self._criteria(kind, given, strict=True)[0])

    def searchable(self, kind: str, query: str) -> None:
        """Raise SearchRefused unless all of a query is understood."""
        self.condition(kind, parse_qsl(query, keep_blank_values=True))

    def search(self, kind: str, query: Iterable[tuple[str, str]], *, strict: bool = False) -> Found:
        """What a query finds; raises SearchRefused."""
        given = tuple(query)
        criteria, understood = self._criteria(kind, given, strict=strict)
        size, offset = _number(given, "_count", _USUAL), _number(given, "_offset", 0)
        where = lookups.condition(kind, criteria)
        counting = ("_summary", "count") in given or size == 0
        with self.database.reading() as connection:
            total = lookups.count(connection, where)
            rows: Sequence[AnyRow] = [] if counting else lookups.page(
                connection, where, self._sort(kind, given), limit=min(size, MOST), offset=offset)
            brought = self._included(connection, kind, rows, given)
        return Found(matches=tuple(map(stored, rows)), included=tuple(map(stored, brought)), total=total,
                     understood=understood, offset=offset, size=min(size, MOST))

    def _criteria(self, kind: str, given: Iterable[tuple[str, str]], *,
                  strict: bool) -> tuple[tuple[Condition, ...], tuple[tuple[str, str], ...]]:
        criteria: list[Condition] = []
        understood = []
        for key, value in given:
            if key.split(":")[0] in _CONTROLS:
                understood.append((key, value))
                continue
            one = self._one(kind, key, value)
            if one is not None:
                criteria.append(one)
                understood.append((key, value))
            elif strict:
                raise SearchRefused(key.split(":")[0])
        return tuple(criteria), tuple(understood)

    def _one(self, kind: str, key: str, value: str) -> Condition | None:
        """What one parameter asks for; None where it is not known. Raises SearchRefused for a wrong value."""
        if key.startswith("_has:"):
            return self._has(key, value)
        if "." in key:
            return self._chain(kind, key, value)
        name, _, modifier = key.partition(":")
        if name == "_id":
            return Own(name="_id", wanted=tuple(Wanted(mode="token", value=one) for one in value.split(",")))
        if name == "_lastUpdated":
            return Own(name="_lastUpdated", wanted=(_interval(value, key, _period),))
        parameter = self.tables.parameters[kind].get(name)
        return _criterion(parameter, modifier, value) if parameter is not None else None

    def _chain(self, kind: str, key: str, value: str) -> AnyOf | None:
        """`subject:Patient.identifier=…` (FHIR R4, 3.1.1.5.2): what holds of the resource that is referred to."""
        head, _, rest = key.partition(".")
        name, _, target = head.partition(":")
        elements = self._references_of(kind, name)
        if not elements:
            return None
        links = []
        for other in [target] if target else sorted(self.tables.parameters):
            inner = self._one(other, rest, value) if other in self.tables.parameters else None
            if inner is not None:
                links.append(Linked(elements=elements, kind=other, criteria=(inner,)))
        return AnyOf(of=tuple(links)) if links else None

    def _has(self, key: str, value: str) -> Linked | None:
        """`_has:Observation:patient:code=…` (FHIR R4, 3.1.1.5.3): what holds of a resource that refers to this one."""
        parts = key.split(":", 3)
        elements = self._references_of(parts[1], parts[2]) if len(parts) == 4 else ()
        inner = self._one(parts[1], parts[3], value) if elements else None
        return None if inner is None else Linked(elements=elements, kind=parts[1], criteria=(inner,), reverse=True)

    def _references_of(self, kind: str, name: str) -> tuple[int, ...]:
        """The elements of a parameter that is a reference; empty for any other."""
        parameter = self.tables.parameters.get(kind, {}).get(name)
        return parameter.numbers if parameter is not None and parameter.type == "reference" else ()

    def _sort(self, kind: str, given: Iterable[tuple[str, str]]) -> list[Any]:
        out = []
        for one in (part for key, value in given if key == "_sort" for part in value.split(",") if part):
            name, descending = one.removeprefix("-"), one.startswith("-")
            if name in ("_lastUpdated", "_id"):
                out.append(lookups.own_order(name, descending=descending))
                continue
            parameter = self.tables.parameters[kind].get(name)
            if parameter is None:
                raise SearchRefused("_sort")
            numeric = parameter.type in ("date", "quantity")
            out.append(lookups.order(parameter.numbers, numeric=numeric, descending=descending))
        return out

    def _included(self, connection: Any, kind: str, rows: Sequence[AnyRow],
                  given: Iterable[tuple[str, str]]) -> list[AnyRow]:
        """What `_include` and `_revinclude` bring, each once and no match again."""
        matches = [(row.type, row.id) for row in rows]
        out: dict[tuple[str, str], AnyRow] = {}
        for key, value in given:
            if not matches or key.split(":")[0] not in ("_include", "_revinclude"):
                continue
            source, _, rest = value.partition(":")
            names = self._references(key, source, rest.split(":")[0])
            for name in names:
                if key.startswith("_include") and source == kind:
                    targets = lookups.references(connection, [row.key for row in rows],
                                                 self._references_of(source, name))
                    found = lookups.named(connection, targets)
                elif key.startswith("_revinclude"):
                    found = lookups.referring(connection, source, self._references_of(source, name), matches)
                else:
                    found = []
                out |= {(row.type, row.id): row for row in found if (row.type, row.id) not in matches}
        return list(out.values())

    def _references(self, key: str, source: str, wanted: str) -> tuple[str, ...]:
        known = {name for name, one in self.tables.parameters.get(source, {}).items() if one.type == "reference"}
        if wanted == "*":
            return tuple(sorted(known))
        if wanted not in known:
            raise SearchRefused(key)
        return (wanted,)


def _number(given: Iterable[tuple[str, str]], name: str, otherwise: int) -> int:
    for key, value in given:
        if key == name:
            if not value.isdecimal() or len(value) > 9:
                raise SearchRefused(name)
            return int(value)
    return otherwise


def _criterion(parameter: SearchParameter, modifier: str, value: str) -> Criterion:
    """A value, alternatives separated by commas; with `:missing`, `:not`, `:exact`, `:contains` or `:<Type>`."""
    name = parameter.name
    if modifier == "missing":
        if value not in ("true", "false"):
            raise SearchRefused(f"{name}:missing")
        return Criterion(elements=parameter.numbers, wanted=(Wanted(mode="any"),), negated=value == "true")
    alternatives = [part.replace("\\,", ",") for part in re.split(r"(?<!\\),", value) if part]
    if not alternatives:
        raise SearchRefused(name)
    negated = modifier == "not" and parameter.type == "token"
    if modifier and not negated and not (parameter.type == "string" and modifier in ("exact", "contains")) and not (
            parameter.type == "reference" and modifier[:1].isupper()):
        raise SearchRefused(f"{name}:{modifier}")
    if name == "patient":  # a reference to whatever, but only to patients
        modifier = modifier or "Patient"
    wanted = tuple(_wanted(parameter, modifier, one) for one in alternatives)
    return Criterion(elements=parameter.numbers, wanted=wanted, negated=negated,
                     sharpness=_sharpness(parameter, wanted))


def _sharpness(parameter: SearchParameter, wanted: tuple[Wanted, ...]) -> int:
    """How few resources are likely to have one of these values: 0 is many, 2 is few."""
    if parameter.type == "reference":
        return 2 if all("/" in (one.value or "") for one in wanted) else 0
    if parameter.type != "token" or parameter.name in _COMMON or not all(one.value for one in wanted):
        return 0
    return 2 if parameter.name == "identifier" else 1


def _wanted(parameter: SearchParameter, modifier: str, value: str) -> Wanted:
    match parameter.type:
        case "token":
            system, bar, code = value.rpartition("|")
            return Wanted(mode="token", system=system if bar else None, value=code or None)
        case "reference":
            target = "/".join(value.rstrip("/").split("/")[-2:]) if "/" in value else value
            return Wanted(mode="reference", value=f"{modifier}/{target}" if modifier and "/" not in target else target)
        case "string":
            mode: Mode = "exact" if modifier == "exact" else "contains" if modifier == "contains" else "starts"
            return Wanted(mode=mode, value=value)
        case "date":
            return replace(_interval(value, parameter.name, _period), value="")
        case _:
            number, _, unit = value.partition("|")
            system, _, code = unit.partition("|")
            one = _interval(number, parameter.name, _precision)
            return Wanted(mode=one.mode, low=one.low, high=one.high, system=system or None, value=code or None)


def _interval(value: str, where: str, read: Any) -> Wanted:
    matched = _PREFIXED.fullmatch(value)
    bounds = read(matched[2]) if matched else None
    if matched is None or bounds is None:
        raise SearchRefused(where)
    return Wanted(mode=_MODES[matched[1] or ""], low=bounds[0], high=bounds[1])


def _period(text: str) -> tuple[float, float] | None:
    # A plus in an address that was not escaped arrives as a blank.
    return seconds(text.replace(" ", "+"))


def _precision(text: str) -> tuple[float, float] | None:
    """A number as the interval that its digits stand for: 8 is [7.5, 8.5), 8.0 is [7.95, 8.05)."""
    if not re.fullmatch(r"[+-]?\d{1,15}(\.\d{1,15})?", text):
        return None
    half = 0.5 * 10.0 ** -len(text.partition(".")[2])
    return float(text) - half, float(text) + half
