"""By what a resource can be found: its values of the search parameters of its type (FHIR R4, 3.1.1.4)."""

import json
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from typing import Any

from fhir_adapter.store import lookups as lookups_of
from fhir_adapter.store.database import Database
from fhir_adapter.store.lookups import BEGINNING, END, Lookup
from fhir_adapter.tables.results import Element

_SECOND = timedelta(seconds=1)
_TOGETHER = 500


def lookups(resource: Mapping[str, Any], elements: Sequence[Element]) -> tuple[Lookup, ...]:
    """Every value, each once."""
    out: dict[Lookup, None] = {}
    for one in elements:
        if one.path[0] in resource:
            rows = _ROWS[one.type]
            for found in _at(resource, one.path):
                for row in rows(one.number, found):
                    out[row] = None
    return tuple(out)


def complete(database: Database, elements: Mapping[str, Sequence[Element]]) -> None:
    """Index all current resources of a store whose index is empty, as it is after some migrations."""
    with database.reading() as connection:
        if not lookups_of.empty(connection):
            return
    with database.writing() as connection:
        after = 0
        while rows := lookups_of.unindexed(connection, after=after, limit=_TOGETHER):
            lookups_of.index(connection, [(row.key, lookups(json.loads(row.content), elements.get(row.type, ())))
                                          for row in rows])
            after = rows[-1].key


def _at(resource: Mapping[str, Any], path: tuple[str, ...]) -> list[Any]:
    """What stands at a path, of lists every element."""
    found = _each(resource[path[0]])
    for name in path[1:]:
        found = [inner for one in found if isinstance(one, dict) and name in one for inner in _each(one[name])]
    return found


def _each(element: Any) -> list[Any]:
    if not isinstance(element, list):
        return [element]
    return [inner for one in element for inner in _each(one)] if list in map(type, element) else element


def _token(number: int, element: Any) -> list[Lookup]:
    return [(number, system[:500], code[:500], None, None) for system, code in _tokens(element)]


def _reference(number: int, element: Any) -> list[Lookup]:
    target = element.get("reference") if isinstance(element, dict) else None
    return [(number, "", target[:500], None, None)] if isinstance(target, str) else []


def _string(number: int, element: Any) -> list[Lookup]:
    return [(number, "", element[:500], None, None)] if isinstance(element, str) else []


def _date(number: int, element: Any) -> list[Lookup]:
    span = _span(element)
    return [(number, "", "", *span)] if span else []


def _quantity(number: int, element: Any) -> list[Lookup]:
    if not isinstance(element, dict) or not isinstance(element.get("value"), int | float):
        return []
    value, system = float(element["value"]), str(element.get("system", ""))[:500]
    units = dict.fromkeys((str(element.get("code", "")), str(element.get("unit", ""))))
    return [(number, system, unit[:500], value, value) for unit in units]


_ROWS: Mapping[str, Callable[[int, Any], list[Lookup]]] = {
    "token": _token, "reference": _reference, "string": _string, "date": _date, "quantity": _quantity}


def _tokens(element: Any) -> list[tuple[str, str]]:
    """System and code of a code, Coding, CodeableConcept or Identifier."""
    if isinstance(element, str):
        return [("", element)]
    if isinstance(element, bool):
        return [("", str(element).lower())]
    if not isinstance(element, dict):
        return []
    if "coding" in element or "text" in element:
        codings = element.get("coding", ())
        return _tokens(codings[0]) if len(codings) == 1 else [token for one in codings for token in _tokens(one)]
    code = element.get("code", element.get("value"))
    return [] if code is None else [(str(element.get("system", "")), str(code))]


def _span(element: Any) -> tuple[float, float] | None:
    """A dateTime, instant or Period as the seconds in which it begins and ends."""
    if isinstance(element, str):
        return seconds(element)
    if isinstance(element, dict):
        start, end = seconds(str(element.get("start", ""))), seconds(str(element.get("end", "")))
        if start or end:
            return (start[0] if start else BEGINNING, end[1] if end else END)
    return None


@lru_cache(1024)
def seconds(text: str) -> tuple[float, float] | None:
    """A date or time of any precision as the half-open interval that it stands for; None for what is none."""
    try:
        if len(text) == 4:
            year = int(text)
            return _epoch(datetime(year, 1, 1, tzinfo=UTC)), _epoch(datetime(year + 1, 1, 1, tzinfo=UTC))
        if len(text) == 7:
            first = date.fromisoformat(f"{text}-01")
            following = (first.replace(day=28) + timedelta(days=4)).replace(day=1)
            return _epoch(_midnight(first)), _epoch(_midnight(following))
        if len(text) == 10:
            day = date.fromisoformat(text)
            return _epoch(_midnight(day)), _epoch(_midnight(day + timedelta(days=1)))
        moment = datetime.fromisoformat(text)
        moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
        return _epoch(moment), _epoch(moment + (timedelta(0) if "." in text else _SECOND))
    except (ValueError, OverflowError):
        return None


def _midnight(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=UTC)


def _epoch(moment: datetime) -> float:
    return moment.timestamp()
