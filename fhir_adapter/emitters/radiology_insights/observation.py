"""A finding as the Observation of the API: what was found, where, how large, as components with their words."""

import re
from collections.abc import Iterator

from fhir_adapter.emitters.elements import Resource
from fhir_adapter.emitters.radiology_insights.terms import Terms, extended
from fhir_adapter.model.code import UCUM
from fhir_adapter.model.reading import Change, Finding, Measurement, Quantity
from fhir_adapter.model.report import JSON
from fhir_adapter.model.span import Span

_MANY = re.compile(r"\b(?:multiple|several|numerous|innumerable|many|few|scattered|both|two|three|four|five)\b",
                   re.IGNORECASE)
_PLURAL = re.compile(r"[a-z]{3,}s(?<!is)(?<!ss)(?<!us)(?<!os)(?<!ites)(?<!etes)(?<!ens)\Z", re.IGNORECASE)
_NEAR = 30


def observation(finding: Finding, terms: Terms) -> Resource:
    """The Observation of a finding. `status` is unknown, as in the reference: the API gives no status of the report."""
    out: Resource = {"resourceType": "Observation", "id": terms.next_id(), "status": "unknown",
                     "code": terms.code("code", "finding", finding.span)}
    interpretations: list[JSON] = list(_interpretations(finding, terms))
    if interpretations:
        out["interpretation"] = interpretations
    out["component"] = list(_components(finding, terms))
    return out


def _interpretations(finding: Finding, terms: Terms) -> Iterator[Resource]:
    if ("interpretation", finding.assertion.value) in terms.codes:
        yield terms.code("interpretation", finding.assertion.value, *finding.cues)
    if finding.change is Change.NEW:
        yield terms.code("interpretation", "new", *finding.cues)


def _components(finding: Finding, terms: Terms) -> Iterator[JSON]:
    def coded(name: str, value: Resource, *spans: Span | None) -> Resource:
        return extended({"code": terms.code("component", name), "valueCodeableConcept": value}, terms.words(*spans))

    yield coded("subject", terms.concept(finding.concept, finding.span), finding.span)
    for site in finding.sites:
        yield coded("anatomy", terms.concept(site.code, site.span), site.span)
    if finding.side:
        spans = tuple(site.side_span for site in finding.sites if site.side is finding.side)
        yield coded("laterality", terms.code("side", finding.side.value, *spans), *spans)
    if finding.change and finding.change is not Change.NEW:
        yield coded("change", terms.code("change", finding.change.value))
    for name, qualifier in (("severity", finding.severity), ("chronicity", finding.chronicity)):
        if qualifier:
            yield coded(name, terms.concept(qualifier.code, qualifier.span), qualifier.span)
    yield {"code": terms.code("component", "multiple"), "valueBoolean": _several(finding, terms)}
    for size in finding.measurements:
        yield from measured(size, terms)
    priors = [size for size in finding.measurements if not size.current and terms.date(size.prior_date)]
    for size in priors[:1]:
        yield extended({"code": terms.code("component", "date-and-time"),
                        "valueDateTime": terms.date(size.prior_date)}, terms.words(size.span))


def measured(size: Measurement, terms: Terms) -> Iterator[JSON]:
    """A component for each dimension: SIZE for lengths, PERCENT for shares, else the code of the quantity."""
    when = terms.code("size", "current" if size.current else "previous")
    for value in size.values:
        out: Resource = {}
        if size.quantity is Quantity.FRACTION and size.unit == "%":
            share = f"{value}-{size.high}" if size.high is not None else str(value)
            out |= {"code": terms.code("component", "percent"), "valueString": share}
        else:
            out["code"] = terms.code("component", "size") if size.quantity is Quantity.LENGTH else terms.concept(
                terms.emission.codes["component", size.quantity.value])
            low = quantity(float(value), size.unit, terms)
            if size.high is not None and len(size.values) == 1:
                out["valueRange"] = {"low": low, "high": quantity(float(size.high), size.unit, terms)}
            else:
                comparator: Resource = {"comparator": size.comparator} if size.comparator not in ("", "~") else {}
                out["valueQuantity"] = low | comparator
        out["interpretation"] = [when]
        yield extended(out, terms.words(size.span))


def quantity(value: float, unit: str, terms: Terms) -> Resource:
    """A Quantity with the API's word for its unit, and the UCUM code beside it."""
    word = terms.codes.get(("unit", unit))
    whole = int(value) if value == int(value) else value
    return {"value": whole, "unit": word.display if word else unit, "system": UCUM, "code": unit}


def _several(finding: Finding, terms: Terms) -> bool:
    """Whether the words are of more than one: a word of number close before them, or a plural."""
    text, span = terms.reading.report.text, finding.span
    before = text[max(finding.sentence.span.start, span.start - _NEAR) : span.start]
    return bool(_MANY.search(before) or _PLURAL.search(span.of(text)))
