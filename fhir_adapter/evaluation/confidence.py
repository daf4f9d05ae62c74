"""How sure the engine was of each insight, and whether people found the same."""

from dataclasses import dataclass

from fhir_adapter.evaluation.annotated import Annotated, marked
from fhir_adapter.evaluation.matching import Mark
from fhir_adapter.evaluation.tasks import TASKS, score_key
from fhir_adapter.model.insight import CriticalResult, FollowUp, Insight, Kind, Outcome, QualityMeasure, Scoring
from fhir_adapter.model.reading import Communication, Finding
from fhir_adapter.model.span import Span


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """How sure an insight was, and whether it was right."""

    kind: str
    confidence: float
    is_right: bool


def judged(report: Annotated, outcome: Outcome) -> tuple[Judged, ...]:
    """Each insight that says how sure it is, of the kinds that people annotated."""
    out = []
    for insight in outcome.insights:
        if insight.confidence is not None and (right := is_right(report, outcome, insight)) is not None:
            out.append(Judged(kind=insight.kind.value, confidence=float(insight.confidence), is_right=right))
    return tuple(out)


def is_right(report: Annotated, outcome: Outcome, insight: Insight) -> bool | None:
    """Whether people found what the insight tells; None where they did not look, or the format has no place for it."""
    task = next((task for task in TASKS if task.name == insight.kind.value), None)
    if task is None or task.gold not in report.gold:
        return None
    back, detail = outcome.reading.report.offsets.to_original, insight.detail
    if task.anywhere:
        return bool(report.gold[task.gold]) if any(task.said(report, outcome)) else None
    if insight.kind is Kind.QUALITY_MEASURE:
        return _quality(report, insight)
    if isinstance(detail, Finding):
        said, key = (back(detail.span),), detail.assertion.value
        return any(_overlap(said, marked(i)) and i["assertion"] == key for i in report.gold["findings"])
    if isinstance(detail, Scoring):
        return any(mark.means(Mark(spans=(back(detail.score.span),), key=score_key(detail.score)))
                   for mark in task.wanted(report))
    own = _own_spans(insight)
    return any(_overlap(tuple(map(back, own)), mark.spans) for mark in task.wanted(report))


def _quality(report: Annotated, insight: Insight) -> bool | None:
    detail = insight.detail
    judged = {i["measure"]: i["compliance"] for i in report.gold["qualityMeasures"]}
    if not isinstance(detail, QualityMeasure) or detail.measure not in judged:
        return None
    return bool(judged[detail.measure] == detail.compliance.value)


def _own_spans(insight: Insight) -> tuple[Span, ...]:
    match insight.detail:
        case FollowUp(recommendation=recommendation):
            return (recommendation.span,)
        case Communication(span=span):
            return (span,)
        case CriticalResult():
            return insight.evidence
    return insight.evidence[:1]


def _overlap(one: tuple[Span, ...], other: tuple[Span, ...]) -> bool:
    return any(a.overlaps(b) for a in one for b in other)
