"""
One thing has one size in the findings and another in the impression.

**Fires** when a finding of the impression and the same one of the findings (same word, no other site or side) have
current lengths and none of them agree: `unitSlip` where the digits are the same and the unit is not (8 cm and 8 mm),
`differentSize` where the largest diameters are further apart than rounding explains.

**Stays silent** about earlier sizes, ranges and bounds ("up to"), when any two lengths agree within 2 mm or 15 %, and
when one of the two sections holds several such things of different sizes.
"""

from collections.abc import Iterable, Iterator
from decimal import Decimal
from itertools import islice

from fhir_adapter.insights.case import Case
from fhir_adapter.insights.merging import evidence
from fhir_adapter.model.insight import Insight, Kind, MeasurementDiscrepancy, MeasurementDiscrepancyType
from fhir_adapter.model.reading import Assertion, Finding, Measurement, Quantity, SectionKind

_MM = {"mm": Decimal(1), "cm": Decimal(10)}
_ROUNDING_MM, _ROUNDING_SHARE = Decimal(2), Decimal("0.15")


def detect(case: Case) -> Iterator[Insight]:
    """Each discrepancy, in the order of the impression."""
    text = case.text
    sized = [f for f in case.reported if f.assertion in (Assertion.PRESENT, Assertion.POSSIBLE)
             and _lengths(f)]
    below = [f for f in sized if f.sentence.section is SectionKind.IMPRESSION]
    if not below:
        return
    above_by = _by_noun([f for f in sized if f.sentence.section in (SectionKind.FINDINGS, SectionKind.OTHER)], text)
    below_by = _by_noun(below, text)
    for finding in below:
        noun = _noun(finding, text)
        # Two of them are as good as many.
        same = list(islice((f for f in above_by.get(noun, ()) if _same_place(f, finding)), 2))
        if len(same) != 1 or any(f is not finding and _same_place(f, finding) for f in below_by[noun]):
            continue
        here, there = _lengths(same[0]), _lengths(finding)
        if any(_agree(a, b) for a in _values(here) for b in _values(there)):
            continue
        slip = next(((a, b) for a in here for b in there
                     if a.unit != b.unit and set(a.values) & set(b.values)), None)
        one, other = slip or (here[0], there[0])
        kind = MeasurementDiscrepancyType.UNIT_SLIP if slip else MeasurementDiscrepancyType.DIFFERENT_SIZE
        yield Insight(
            kind=Kind.MEASUREMENT_DISCREPANCY,
            statement=f"{finding.concept.display} is {_said(one, text)} in the findings and {_said(other, text)} "
                      "in the impression.",
            evidence=tuple(dict.fromkeys((other.span, one.span, *evidence(finding, same[0])))),
            detail=MeasurementDiscrepancy(type=kind, finding=finding, in_findings=one, in_impression=other),
            subject=finding.concept, rule=kind.value)


def _lengths(finding: Finding) -> list[Measurement]:
    return [m for m in finding.measurements if m.current and m.quantity is Quantity.LENGTH and m.unit in _MM
            and m.high is None and m.comparator in ("", "~")]


def _values(measurements: list[Measurement]) -> tuple[Decimal, ...]:
    return tuple(value * _MM[m.unit] for m in measurements for value in m.values)


def _agree(one: Decimal, other: Decimal) -> bool:
    return abs(one - other) <= max(_ROUNDING_MM, _ROUNDING_SHARE * max(one, other))


def _by_noun(findings: Iterable[Finding], text: str) -> dict[str, list[Finding]]:
    found: dict[str, list[Finding]] = {}
    for finding in findings:
        found.setdefault(_noun(finding, text), []).append(finding)
    return found


def _same_place(one: Finding, other: Finding) -> bool:
    return ((one.side is None or other.side is None or one.side == other.side)
            and (not one.sites or not other.sites or one.sites[0].code == other.sites[0].code))


def _noun(finding: Finding, text: str) -> str:
    return finding.span.of(text).split()[-1].lower().removesuffix("s")


def _said(measurement: Measurement, text: str) -> str:
    return " ".join(measurement.span.of(text).split())
