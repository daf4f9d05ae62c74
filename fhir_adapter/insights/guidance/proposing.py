"""A guideline's proposals for one report: with their dates, where, and how the report's own recommendation compares."""

from collections.abc import Iterator
from dataclasses import dataclass, replace

from fhir_adapter.insights.due import days, resolve
from fhir_adapter.model.code import SNOMED_CT, Code
from fhir_adapter.model.insight import Proposal
from fhir_adapter.model.reading import Finding, Interval, Reading, Recommendation
from fhir_adapter.model.span import Span
from fhir_adapter.tables.guidance import GuidelineRow

_ANYWHERE = Code(system=SNOMED_CT, code="279495008", display="Human body structure")
_NOWHERE = Span(0, 0)
_IMAGING = "363679005"


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """A recommendation of the report and whether it is what the guideline proposes."""

    recommendation: Recommendation
    agrees: bool


def dated(reading: Reading, finding: Finding, proposals: tuple[Proposal, ...]) -> tuple[Proposal, ...]:
    """The proposals with their days, counted from the examination, and the place of the finding."""
    return tuple(_dated(reading, finding, proposal) for proposal in proposals)


def compare(reading: Reading, row: GuidelineRow, finding: Finding, proposals: tuple[Proposal, ...]) -> (
        Comparison | None):
    """The report's own recommendation for the finding against the proposals; None where there is none to compare.

    It agrees where modality and interval lie within one proposal, a missing interval with a proposal that has none.
    """
    for recommendation in _own(reading, row, finding):
        same = [p for p in proposals if p.procedure and _same_procedure(p, recommendation)]
        if same and not recommendation.interval and any(p.low for p in same):
            continue  # it is vague, not different; vagueRecommendation says so
        if recommendation.procedure or recommendation.modality:
            return Comparison(recommendation=recommendation,
                              agrees=any(_in_time(p, recommendation.interval) for p in same))
    return None


def _dated(reading: Reading, finding: Finding, proposal: Proposal) -> Proposal:
    if proposal.nothing:
        return replace(proposal, anatomy=_ANYWHERE)
    anatomy = finding.sites[0].code if finding.sites else None
    placed = replace(proposal, anatomy=anatomy, side=finding.side)
    interval = _interval(proposal)
    if interval is None:
        return placed
    due, start, end = resolve(interval, reading.report.service)
    return replace(placed, start=start or due, end=end or due)


def _interval(proposal: Proposal) -> Interval | None:
    if proposal.low is None or proposal.unit is None:
        return None
    return Interval(span=_NOWHERE, unit=proposal.unit, low=proposal.low, high=proposal.high)


def _own(reading: Reading, row: GuidelineRow, finding: Finding) -> Iterator[Recommendation]:
    """Recommendations for this patient that name a site of the guideline, or none and stand after the finding."""
    for recommendation in reading.recommendations:
        if recommendation.guideline or recommendation.historical:
            continue
        if recommendation.site:
            if recommendation.site.code.code in row.recommended_sites:
                yield recommendation
        elif recommendation.span.end > finding.span.start:
            yield recommendation


def _same_procedure(proposal: Proposal, recommendation: Recommendation) -> bool:
    if proposal.procedure is None:
        return False
    if proposal.procedure.code == _IMAGING:
        return bool(recommendation.modality)
    return recommendation.procedure is not None and recommendation.procedure.code == proposal.procedure.code


def _in_time(proposal: Proposal, said: Interval | None) -> bool:
    wanted = _interval(proposal)
    if wanted is None or said is None:
        return wanted is None
    (low, high), (least, most) = days(wanted), days(said)
    if low is None or most is None:
        return False
    # A year is 365 days and twelve months are 360: a tenth more or less is the same time.
    return (high or low) * 1.1 >= (least or 0) and most >= low * 0.9 and most <= (high or low) * 1.1
