"""
Sides disagree: text and order, or findings and impression.

**Fires** in three ways. `orderLateralityMismatch`: the order names one side, the text puts what it finds on the other
and never names the ordered side. `textLateralityContradiction`: findings and impression put the same finding at the
same site on opposite sides, and neither part also names the other side. `textLateralityMissing`: the order names a
side and the text names none at all.

**Stays silent** when either side is unknown, when order or text cover both sides, when a side stands in indication,
comparison or history, when a sentence looks at the other side only to compare, and when what is said of the other side
is denied.
"""

from collections.abc import Iterator

from fhir_adapter.insights.merging import reported
from fhir_adapter.model.insight import DiscrepancyType, Insight, Kind, LateralityDiscrepancy
from fhir_adapter.model.reading import Assertion, Finding, Reading, SectionKind, SideMention
from fhir_adapter.model.report import Side
from fhir_adapter.model.span import Span
from fhir_adapter.tables.judgement import JudgementTables

_TOLD = {SectionKind.FINDINGS, SectionKind.IMPRESSION, SectionKind.OTHER, SectionKind.ADDENDUM}
_ONE_SIDE = (Side.LEFT, Side.RIGHT)
_MEANT = (Assertion.PRESENT, Assertion.POSSIBLE)


def detect(reading: Reading, _: JudgementTables) -> Iterator[Insight]:
    """At most one insight of the order, and one for each contradiction in the text."""
    yield from _against_order(reading)
    yield from _contradictions(reading)


def _against_order(reading: Reading) -> Iterator[Insight]:
    ordered = reading.report.order.side
    if ordered not in _ONE_SIDE:
        return
    said = [m for m in reading.sides if m.sentence.section in _TOLD]
    anywhere = {m.side for m in reading.sides if m.sentence.section is not SectionKind.INDICATION}
    if not anywhere:
        yield _insight(DiscrepancyType.TEXT_LATERALITY_MISSING, None, (_beginning(reading),),
                       f"The order says {ordered.value}; the text names no side.")
        return
    opposite = [m for m in said if m.side is ordered.opposite and _counts(m)]
    if opposite and not anywhere & {ordered, Side.BILATERAL}:
        yield _insight(DiscrepancyType.ORDER_LATERALITY_MISMATCH, ordered.opposite, _words(opposite),
                       f"The order says {ordered.value}; the text says {ordered.opposite.value}.")


def _counts(mention: SideMention) -> bool:
    return not mention.comparison and mention.assertion in _MEANT


def _words(mentions: list[SideMention]) -> tuple[Span, ...]:
    sites = [m.site.span for m in mentions if m.site]
    return tuple(dict.fromkeys((*(m.span for m in mentions), *sites)))


def _beginning(reading: Reading) -> Span:
    """Where a side should have been named: the first sentence of what was found."""
    told = next((s for s in reading.sentences if s.section in _TOLD), None)
    return told.span if told else Span(0, len(reading.report.text))


def _contradictions(reading: Reading) -> Iterator[Insight]:
    findings = [f for f in reported(reading.findings) if f.assertion in _MEANT and f.side]
    above = [f for f in findings if f.sentence.section in (SectionKind.FINDINGS, SectionKind.OTHER)]
    below = [f for f in findings if f.sentence.section is SectionKind.IMPRESSION]
    for finding in below:
        same = [f for f in above if _same_thing(f, finding)]
        also_below = {f.side for f in below if _same_thing(f, finding)}
        sides = {f.side for f in same}
        if (finding.side in _ONE_SIDE and sides == {finding.side.opposite} and also_below == {finding.side}
                and not _compared(reading, finding) and not any(_compared(reading, f) for f in same)):
            yield _insight(
                DiscrepancyType.TEXT_LATERALITY_CONTRADICTION, finding.side,
                tuple(dict.fromkeys((finding.span, *finding.cues, *(s for f in same for s in (f.span, *f.cues))))),
                f"{finding.concept.display} is {same[0].side.value if same[0].side else ''} in the findings and "
                f"{finding.side.value} in the impression.")


def _same_thing(one: Finding, other: Finding) -> bool:
    return one.concept == other.concept and (
        not one.sites or not other.sites or one.sites[0].code == other.sites[0].code)


def _compared(reading: Reading, finding: Finding) -> bool:
    return any(m.comparison for m in reading.sides if m.sentence == finding.sentence)


def _insight(kind: DiscrepancyType, side: Side | None, evidence: tuple[Span, ...], statement: str) -> Insight:
    return Insight(kind=Kind.LATERALITY_DISCREPANCY, statement=statement, evidence=evidence,
                   detail=LateralityDiscrepancy(type=kind, indicated=side), rule=kind.value)
