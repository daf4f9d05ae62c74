"""
Sides disagree: text and order, or findings and impression.

**Fires** in three ways. `orderLateralityMismatch`: the order names one side, the text examines the other or puts what
it finds there, and never names the ordered side; that the head of the report repeats the order does not count where the
impression, or two sentences, tell of the other side of what the head names. `textLateralityContradiction`: findings and
impression put one thing on opposite sides, and neither part also puts it on the other side; one thing is the same
finding, one that is called otherwise (mappings/insights/alike.csv), or any at the same site where each part names one
side throughout. `textLateralityMissing`: the order names a side, no part of the text names it, and none but the
indication names any.

**Stays silent** when either side is unknown, when order or text cover both sides, when a side stands in indication,
comparison or history, when a sentence looks at the other side only to compare or tells of surgery there, and when what
is said of the other side is denied.
"""

import re
from collections.abc import Iterator, Sequence
from typing import TypeVar

from fhir_adapter.insights.case import Case
from fhir_adapter.insights.sided import Sided
from fhir_adapter.model.code import Code
from fhir_adapter.model.insight import DiscrepancyType, Insight, Kind, LateralityDiscrepancy
from fhir_adapter.model.reading import Assertion, Finding, Reading, SectionKind, Sentence, SideMention
from fhir_adapter.model.report import Side
from fhir_adapter.model.span import Span
from fhir_adapter.tables.judgement import JudgementTables

_TOLD = {SectionKind.FINDINGS, SectionKind.IMPRESSION, SectionKind.OTHER, SectionKind.ADDENDUM}
_HEAD = {SectionKind.HEADER, SectionKind.TECHNIQUE}
_ABOVE = (SectionKind.FINDINGS, SectionKind.OTHER)
_ONE_SIDE = (Side.LEFT, Side.RIGHT)
_SURGERY = re.compile(r"\b(?:replacement|arthroplasty|prosthe\w+|amputat\w+|\w+ectomy|status post|s/p|"
                      r"post-?(?:operative|surgical)|surger\w+|surgically|reconstruction|fusion|transplant\w*)\b",
                      re.IGNORECASE)
_CONCLUDES = re.compile(r"(?:in\s+(?:summary|conclusion)|to\s+(?:summari[sz]e|conclude)|overall)\b", re.IGNORECASE)
_MEANT = (Assertion.PRESENT, Assertion.POSSIBLE)

_Mention = TypeVar("_Mention", Finding, SideMention)


def detect(case: Case) -> Iterator[Insight]:
    """At most one insight of the order, and one for each contradiction in the text."""
    yield from _against_order(case.reading)
    yield from _contradictions(case)


def _against_order(reading: Reading) -> Iterator[Insight]:
    ordered = reading.report.order.side
    if ordered not in _ONE_SIDE:
        return
    said = [m for m in reading.sides if m.sentence.section in _TOLD]
    head = [m for m in reading.sides if m.sentence.section in _HEAD]
    anywhere = {m.side for m in reading.sides if m.sentence.section is not SectionKind.INDICATION}
    if not anywhere and ordered not in {m.side for m in reading.sides}:
        yield _insight(DiscrepancyType.TEXT_LATERALITY_MISSING, None, (_beginning(reading),),
                       f"The order says {ordered.value}; the text names no side.")
        return
    opposite = _not_operated([m for m in (*said, *head) if m.side is ordered.opposite and _counts(m)], reading)
    if opposite and (not anywhere & {ordered, Side.BILATERAL} or _only_repeated(ordered, said, head, opposite)):
        yield _insight(DiscrepancyType.ORDER_LATERALITY_MISMATCH, ordered.opposite, _words(opposite),
                       f"The order says {ordered.value}; the text says {ordered.opposite.value}.")


def _only_repeated(ordered: Side, said: list[SideMention], head: list[SideMention],
                   opposite: list[SideMention]) -> bool:
    """Whether the ordered side stands in the head alone, and impression or two sentences tell of its other side."""
    if {m.side for m in said} != {ordered.opposite} or {m.side for m in head} != {ordered}:
        return False
    places = {m.site.code for m in head if m.site}
    there = {(m.sentence.section, m.sentence.span) for m in opposite if m.site and m.site.code in places}
    return len(there) > 1 or any(section is SectionKind.IMPRESSION for section, _ in there)


def _not_operated(mentions: Sequence[_Mention], reading: Reading) -> list[_Mention]:
    """Those whose sentences do not tell of surgery, which is often on the other side than what is looked for."""
    spans = {m.sentence.span for m in mentions}
    operated = {span for span in spans if _SURGERY.search(span.of(reading.report.text))}
    return [m for m in mentions if m.sentence.span not in operated]


def _counts(mention: SideMention) -> bool:
    return not mention.comparison and mention.assertion in _MEANT


def _words(mentions: list[SideMention]) -> tuple[Span, ...]:
    sites = [m.site.span for m in mentions if m.site]
    return tuple(dict.fromkeys((*(m.span for m in mentions), *sites)))


def _beginning(reading: Reading) -> Span:
    """Where a side should have been named: the first sentence of what was found."""
    told = next((s for s in reading.sentences if s.section in _TOLD), None)
    return told.span if told else Span(0, len(reading.report.text))


def _contradictions(case: Case) -> Iterator[Insight]:
    reading = case.reading
    findings = [f for f in case.reported if f.assertion in _MEANT and f.side]
    end = _conclusion(reading)
    below = [f for f in findings if _is_below(f.sentence, end)]
    above = [f for f in findings if _is_above(f.sentence, end)]
    sides_above = {f.side for f in above}
    suspects = [f for f in below if f.side in _ONE_SIDE and f.side.opposite in sides_above]
    found = _opposed(case, suspects, below, _not_operated(above, reading)) if suspects else None
    if found:
        yield found
        return
    yield from _other_side_throughout(reading)


def _opposed(case: Case, suspects: list[Finding], below: list[Finding], above: list[Finding]) -> Insight | None:
    """The first of the suspects from below whose like stands on the other side above, and nowhere on its own."""
    families = case.tables.alike
    compared = {m.sentence.span for m in case.reading.sides if m.comparison}
    said_above, said_below = (Sided(findings, families, compared) for findings in (above, below))
    sides_above, places_above = {f.side for f in above}, _found_places(above, case.reading)
    for finding in suspects:
        if finding.side is None or said_below.alike(finding).sides != {finding.side}:
            continue
        if not said_above.same(finding).sides and (finding.side in sides_above or any(
                (site.code, finding.side) in places_above for site in finding.sites)):
            continue  # other words for it, and the findings put something on this side too
        alike = said_above.alike(finding)
        if alike.sides == {finding.side.opposite} and not alike.compared and finding.sentence.span not in compared:
            others = (f for f in above if _alike(f, finding, case.tables))
            return _contradiction(finding.concept.display, finding.side,
                                  (finding.span, *finding.cues, *(s for f in others for s in (f.span, *f.cues))))
    return None


def _other_side_throughout(reading: Reading) -> Iterator[Insight]:
    """The findings name one side, the impression the other, and they speak of the same place."""
    end = _conclusion(reading)
    below = [m for m in reading.sides if _is_below(m.sentence, end)]
    if len({m.side for m in below}) != 1:
        return
    above = _not_operated([m for m in reading.sides if _is_above(m.sentence, end)], reading)
    sides = {m.side for m in above}, {m.side for m in below}
    if any(len(one) != 1 for one in sides) or sides[0] == sides[1] or Side.BILATERAL in sides[0] | sides[1]:
        return
    sites = {place for m in above if _counts(m) for place in _places(m, reading)}
    told = [(m, place) for m in below if _counts(m) for place in _places(m, reading) if place in sites]
    if told and not any(m.comparison for m in (*above, *below)):
        mention, place = told[0]
        yield _contradiction(place.display, mention.side, _words([*(m for m, _ in told), *above]))


def _places(mention: SideMention, reading: Reading) -> list[Code]:
    """The site of a side, or, where its words are those of a finding ("elevated hemidiaphragm"), that finding's."""
    if mention.site:
        return [mention.site.code]
    return [site.code for finding in reading.findings for site in finding.sites
            if finding.sentence.span == mention.sentence.span and finding.side is mention.side]


def _contradiction(what: str, side: Side, evidence: tuple[Span, ...]) -> Insight:
    return _insight(DiscrepancyType.TEXT_LATERALITY_CONTRADICTION, side, tuple(dict.fromkeys(evidence)),
                    f"{what} is {side.opposite.value} in the findings and {side.value} in the impression.")


def _found_places(findings: list[Finding], reading: Reading) -> set[tuple[Code, Side]]:
    """The places with their side that sentences name in which something is found."""
    sentences = {f.sentence.span for f in findings}
    return {(m.site.code, m.side) for m in reading.sides if m.site and m.sentence.span in sentences}


def _conclusion(reading: Reading) -> int:
    """Where a report without headings comes to its conclusion; the end of the text where none says so."""
    text = reading.report.text
    if any(s.section is SectionKind.IMPRESSION for s in reading.sentences):
        return len(text)
    return next((s.span.start for s in reading.sentences if _CONCLUDES.match(text, s.span.start)), len(text))


def _is_above(sentence: Sentence, conclusion: int) -> bool:
    return sentence.section in _ABOVE and sentence.span.start < conclusion


def _is_below(sentence: Sentence, conclusion: int) -> bool:
    return sentence.section is SectionKind.IMPRESSION or (
        sentence.section in _ABOVE and sentence.span.start >= conclusion)


def _same_thing(one: Finding, other: Finding) -> bool:
    return one.concept == other.concept and (
        not one.sites or not other.sites or one.sites[0].code == other.sites[0].code)


def _alike(one: Finding, other: Finding, tables: JudgementTables) -> bool:
    family = tables.alike.get(one.concept.code)
    return _same_thing(one, other) or (family is not None and family == tables.alike.get(other.concept.code))


def _insight(kind: DiscrepancyType, side: Side | None, evidence: tuple[Span, ...], statement: str) -> Insight:
    return Insight(kind=Kind.LATERALITY_DISCREPANCY, statement=statement, evidence=evidence,
                   detail=LateralityDiscrepancy(type=kind, indicated=side), rule=kind.value)
