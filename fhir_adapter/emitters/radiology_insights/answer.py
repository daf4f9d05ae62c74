"""The result of a job: the insights that its client asked for, as inferences."""

from collections.abc import Iterable, Iterator, Mapping

from fhir_adapter.emitters.elements import Resource
from fhir_adapter.emitters.radiology_insights.inferences import inference
from fhir_adapter.emitters.radiology_insights.terms import Terms
from fhir_adapter.model.inference import InferenceOptions
from fhir_adapter.model.insight import Compliance, FollowUp, Guidance, Insight, Kind, QualityMeasure
from fhir_adapter.model.reading import Assertion, RecommendationKind, SectionKind
from fhir_adapter.model.report import JSONObject


def result(insights: Iterable[Insight], terms: Terms, *, model: str, denominators: Mapping[str, str]) -> JSONObject:
    """The result of one job. `model` is the version of what read the report.

    `denominators` are those of the quality measures by their type, to answer about one that does not judge the report.
    """
    told = tuple(wanted(insights, terms.options))
    inferences = [*(inference(insight, terms) for insight in told), *_not_eligible(told, terms.options, denominators)]
    return {"patientResults": [{"patientId": terms.request.patient_id, "inferences": list(inferences)}],
            "modelVersion": model}


def wanted(insights: Iterable[Insight], options: InferenceOptions) -> Iterator[Insight]:
    """The insights that the options let through."""
    for insight in insights:
        if insight.kind in options.kinds and _lets_through(insight, options):
            yield insight


def _not_eligible(told: tuple[Insight, ...], options: InferenceOptions, denominators: Mapping[str, str]) -> (
        Iterator[Resource]):
    """The quality measures that were asked for and do not judge the report; they have no words."""
    judged = {insight.detail.measure for insight in told if isinstance(insight.detail, QualityMeasure)}
    for measure in options.measures if Kind.QUALITY_MEASURE in options.kinds else ():
        if measure not in judged:
            yield {"kind": Kind.QUALITY_MEASURE.value, "complianceType": Compliance.NOT_ELIGIBLE.value,
                   "qualityMeasureDenominator": denominators.get(measure, measure.upper()), "qualityCriteria": []}


def _lets_through(insight: Insight, options: InferenceOptions) -> bool:
    detail = insight.detail
    if isinstance(detail, FollowUp):
        told = detail.recommendation
        unnamed = told.kind is RecommendationKind.IMAGING and not told.procedure and not told.modality
        return (options.no_modality or not unnamed) and (options.in_references or not told.guideline)
    if isinstance(detail, Guidance):
        past = detail.finding.assertion is Assertion.HISTORICAL
        return options.history or not (past or detail.finding.sentence.section is SectionKind.INDICATION)
    if isinstance(detail, QualityMeasure):
        return detail.measure in options.measures
    return True
