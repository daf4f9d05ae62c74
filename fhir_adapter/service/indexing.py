"""By what a resource can be found: its values of the search parameters of its type (FHIR R4, 3.1.1.4)."""

from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Any

from fhir_adapter.store.lookups import BEGINNING, END, Lookup
from fhir_adapter.tables.results import SearchParameter

_SECOND = timedelta(seconds=1)


def lookups(resource: Mapping[str, Any], parameters: Mapping[str, SearchParameter]) -> tuple[Lookup, ...]:
    """Every value, each once."""
    out = {value: None for parameter in parameters.values() for path in parameter.paths
           for element in _walk(resource, path) for value in _values(parameter, element)}
    return tuple(out)


def _walk(element: Any, path: tuple[str, ...]) -> Iterator[Any]:
    if isinstance(element, list):
        for one in element:
            yield from _walk(one, path)
    elif not path:
        yield element
    elif isinstance(element, dict) and path[0] in element:
        yield from _walk(element[path[0]], path[1:])


def _values(parameter: SearchParameter, element: Any) -> Iterator[Lookup]:
    name = parameter.name
    if parameter.type == "token":
        for system, code in _tokens(element):
            yield Lookup(parameter=name, system=system[:500], value=code[:500])
    elif parameter.type == "reference" and isinstance(element, dict) and isinstance(element.get("reference"), str):
        target = element["reference"]
        if name != "patient" or target.startswith("Patient/"):
            yield Lookup(parameter=name, value=target[:500])
    elif parameter.type == "string" and isinstance(element, str):
        yield Lookup(parameter=name, value=element[:500])
    elif parameter.type == "date" and (span := _span(element)):
        yield Lookup(parameter=name, low=span[0], high=span[1])
    elif parameter.type == "quantity" and isinstance(element, dict) and isinstance(element.get("value"), int | float):
        number = float(element["value"])
        for unit in {str(element.get("code", "")), str(element.get("unit", ""))}:
            yield Lookup(parameter=name, system=str(element.get("system", ""))[:500], value=unit[:500], low=number,
                         high=number)


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
