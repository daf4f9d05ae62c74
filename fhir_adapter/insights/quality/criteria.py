"""Whether a report meets one criterion of a quality measure, and by which words."""

from collections.abc import Iterator

from fhir_adapter.insights.case import Case
from fhir_adapter.insights.own_words import NO_FOLLOW_UP
from fhir_adapter.insights.quality.eligibility import said
from fhir_adapter.model.reading import Recommendation, RecommendationKind
from fhir_adapter.model.span import Span
from fhir_adapter.tables.quality import Asked, CriterionRow

# What is imaged at once, so that no interval is to be named.
_IN_TIME = {Asked.INTERVAL: frozenset({"PT"}), Asked.NEXT: frozenset({"PT", "CT"})}
_ACTS = (RecommendationKind.PROCEDURE, RecommendationKind.CONSULTATION)


def met(case: Case, row: CriterionRow) -> tuple[Span, ...] | None:
    """The words that meet the criterion, none of them where the examination itself does; None if it is not met."""
    if row.modality:
        return () if case.modality == row.modality else None
    if row.words:
        words = tuple(said(case, row.words, denied=row.denied))
        return words[:3] or None
    spans = tuple(_recommended(case, row))
    return spans or None


def asked_for(case: Case, row: CriterionRow) -> bool:
    """Whether the criterion counts for this report; one with `when` does only where its words stand."""
    return row.when is None or any(case.sight.finditer(row.when, case.text))


def _recommended(case: Case, row: CriterionRow) -> Iterator[Span]:
    if row.asked in (Asked.NONE, Asked.TOLD, Asked.INTERVAL, Asked.NEXT):
        yield from (Span(*match.span()) for match in case.sight.finditer(NO_FOLLOW_UP, case.text))
    if row.asked is Asked.NONE:
        return
    for recommendation in case.reading.recommendations:
        if recommendation.historical or (recommendation.guideline and row.asked is not Asked.TOLD):
            continue
        if _fits(case, recommendation, row):
            yield recommendation.span


def _fits(case: Case, recommendation: Recommendation, row: CriterionRow) -> bool:
    if row.asked is Asked.TOLD:
        return True
    imaging = recommendation.kind is RecommendationKind.IMAGING
    if row.asked in (Asked.INTERVAL, Asked.NEXT):
        if row.sites and recommendation.site and recommendation.site.code.code not in row.sites:
            return False
        return recommendation.kind in _ACTS or (imaging and (
            bool(recommendation.interval) or recommendation.modality in _IN_TIME[row.asked]))
    if not imaging:
        return False
    if row.sites and recommendation.site:
        return recommendation.site.code.code in row.sites
    return row.order is None or bool(row.order.search(recommendation.span.of(case.text))) or bool(
        row.order.search(case.examined))
