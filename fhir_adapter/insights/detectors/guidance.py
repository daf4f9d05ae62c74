"""
A finding that a guideline is about: what the guideline wants to know of it, and what it then proposes.

**Fires** for lung nodules (Fleischner 2017), thyroid nodules (TI-RADS 2017 on ultrasound, ACR 2015 on CT and MRI), and
the incidental findings of adrenal gland, kidney, liver, pancreas, adnexa and abdominal aorta by the tables in
mappings/insights/guidance/. What the report leaves open may be anything: what all rows that can then hold propose is
proposed, and if they have nothing in common, what tells them apart is missing. Of several findings of one guideline the
one that needs most is ranked high. If the report recommends something itself, it is said whether that is the same.

**Stays silent** when the guideline does not hold: another modality, too young a patient, a known cancer or immune
suppression (Fleischner), a benign look by the table's words (calcified, perifissural), a finding known from before, and
what is absent, historical, hypothetical or only asked for; and where the table has no row.

The tables with their years and sources: docs/reference/guidelines.md.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

from fhir_adapter.insights.case import Case
from fhir_adapter.insights.guidance import holding, told
from fhir_adapter.insights.guidance.blocks import blocks
from fhir_adapter.insights.guidance.choice import Choice, choose
from fhir_adapter.insights.guidance.facts import Anywhere, Facts, gather
from fhir_adapter.insights.guidance.proposing import Comparison, compare, dated
from fhir_adapter.insights.merging import best, evidence
from fhir_adapter.model.insight import (
    Guidance,
    GuidanceItem,
    GuidanceRanking,
    Insight,
    Kind,
    Proposal,
    Urgency,
)
from fhir_adapter.model.reading import Finding, Reading
from fhir_adapter.tables.guidance import GuidelineRow

_DAYS = {"wk": 7, "mo": 30, "a": 365}


@dataclass(frozen=True, slots=True, kw_only=True)
class _Judged:
    """One finding under one guideline."""

    group: tuple[Finding, ...]
    facts: Facts
    choice: Choice


def detect(case: Case) -> Iterator[Insight]:
    """Each finding once for each guideline about it, guideline by guideline, in the order of the text."""
    for row in case.tables.guidelines:
        judged = list(_judge(case, row))
        first = min(judged, key=_need, default=None)
        for one in judged:
            yield _insight(case.reading, row, one, GuidanceRanking.HIGH if one is first else GuidanceRanking.LOW)


def _judge(case: Case, row: GuidelineRow) -> Iterator[_Judged]:
    found = holding.candidates(case, row)
    if not found:
        return
    numbered = tuple(blocks(case, found))
    taken = {f.span for group, _ in numbered for f in group}
    rest = tuple(f for f in found if f.span not in taken)
    others = holding.findings(row, rest, case.text, sized=bool(numbered))
    several = holding.multiple(case.text, found, len(numbered) + len(others))
    about = [(group, told.about(case, group, found, row.words)) for group in others]
    anywhere = Anywhere(case)
    for group, stretches in (*((group, (span,)) for group, span in numbered), *about):
        if holding.excepted(case, row, group, stretches):
            continue
        facts = gather(case, row, group, stretches, anywhere, multiple=several)
        choice = choose(row, facts)
        if choice.proposals or choice.missing:
            yield _Judged(group=group, facts=facts, choice=choice)


def _need(one: _Judged) -> tuple[float, Decimal]:
    """The sooner something is proposed, the more it matters; among equals, the larger one."""
    soonest = min((_days(p) for p in one.choice.proposals), default=float("inf"))
    size = one.facts.size.low if one.facts.size and one.facts.size.low else Decimal(0)
    return soonest, -size


def _days(proposal: Proposal) -> float:
    if proposal.nothing:
        return float("inf")
    return proposal.low * _DAYS[proposal.unit.value] if proposal.low and proposal.unit else 0


def _insight(reading: Reading, row: GuidelineRow, one: _Judged, ranking: GuidanceRanking) -> Insight:
    finding, proposals = best(one.group), one.choice.proposals
    leads = bool(proposals) and ranking is GuidanceRanking.HIGH
    comparison = compare(reading, row, finding, proposals) if leads else None
    spans = (*evidence(*one.group), *(span for item in one.facts.items for span in item.spans),
             *((comparison.recommendation.span,) if comparison else ()))
    needed = any(not p.nothing for p in proposals)
    return Insight(
        kind=Kind.GUIDANCE, statement=_told(row, one.choice, comparison), evidence=tuple(dict.fromkeys(spans)),
        subject=finding.concept, urgency=Urgency.NONCRITICAL if needed else Urgency.NONE,
        rule=f"guidance/{row.id}.yaml {', '.join(one.choice.rows)}",
        detail=Guidance(finding=finding, identifier=row.identifier, ranking=ranking,
                        source=f"{row.title}: {row.source}", present=one.facts.items,
                        missing=tuple(GuidanceItem(name=m) for m in one.choice.missing),
                        proposals=dated(reading, finding, proposals)))


def _told(row: GuidelineRow, choice: Choice, comparison: Comparison | None) -> str:
    if choice.missing:
        return f"{row.title} needs more to propose a follow-up: {', '.join(m.lower() for m in choice.missing)}."
    said = " ".join(p.text for p in choice.proposals)
    if comparison is None:
        return f"{row.title}: {said}"
    verdict = "agrees" if comparison.agrees else "differs"
    return f"{row.title}: {said} The report's own recommendation {verdict}."
