"""By what a resource can be found: its values of the search parameters of its type (FHIR R4, 3.1.1.4)."""

import json
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any

from fhir_adapter.store import lookups as lookups_of
from fhir_adapter.store.database import Database
from fhir_adapter.store.lookups import BEGINNING, END, Lookup
from fhir_adapter.tables.results import Element

_SECOND = timedelta(seconds=1)
_TOGETHER = 500


def lookups(resource: Mapping[str, Any], elements: Sequence[Element]) -> tuple[Lookup, ...]:
    """Every value, each once."""
    return tuple({value: None for one in elements if one.path[0] in resource
                  for found in _walk(resource, one.path) for value in _values(one, found)})


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


def _walk(element: Any, path: tuple[str, ...]) -> Iterator[Any]:
    if isinstance(element, list):
        for one in element:
            yield from _walk(one, path)
    elif not path:
        yield element
    elif isinstance(element, dict) and path[0] in element:
        yield from _walk(element[path[0]], path[1:])


def _values(kind: Element, element: Any) -> Iterator[Lookup]:
    name = kind.number
    if kind.type == "token":
        for system, code in _tokens(element):
            yield name, system[:500], code[:500], None, None
    elif kind.type == "reference" and isinstance(element, dict) and isinstance(element.get("reference"), str):
        yield name, "", element["reference"][:500], None, None
    elif kind.type == "string" and isinstance(element, str):
        yield name, "", element[:500], None, None
    elif kind.type == "date" and (span := _span(element)):
        yield name, "", "", span[0], span[1]
    elif kind.type == "quantity" and isinstance(element, dict) and isinstance(element.get("value"), int | float):
        number = float(element["value"])
        for unit in {str(element.get("code", "")), str(element.get("unit", ""))}:
            yield name, str(element.get("system", ""))[:500], unit[:500], number, number


def _tokens(element: Any) -> Iterator[tuple[str, str]]:
    """System and code of a code, Coding, CodeableConcept or Identifier."""
    if isinstance(element, str):
        yield "", element
    elif isinstance(element, bool):
        yield "", str(element).lower()
    elif isinstance(element, dict):
        if "coding" in element or "text" in element:
            for coding in element.get("coding", []):
                yield from _tokens(coding)
        elif "code" in element or "value" in element:
            yield str(element.get("system", "")), str(element.get("code", element.get("value", "")))


def _span(element: Any) -> tuple[float, float] | None:
    """A dateTime, instant or Period as the seconds in which it begins and ends."""
    if isinstance(element, str):
        return seconds(element)
    if isinstance(element, dict):
        start, end = seconds(str(element.get("start", ""))), seconds(str(element.get("end", "")))
        if start or end:
            return (start[0] if start else BEGINNING, end[1] if end else END)
    return None


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
