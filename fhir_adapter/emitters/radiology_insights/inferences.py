"""Each insight as an inference of the API, by what it holds."""

from datetime import datetime

from fhir_adapter.emitters.elements import Resource
from fhir_adapter.emitters.radiology_insights.guidance import guided
from fhir_adapter.emitters.radiology_insights.observation import observation
from fhir_adapter.emitters.radiology_insights.procedures import followup, ordered
from fhir_adapter.emitters.radiology_insights.terms import Terms, extended
from fhir_adapter.model.insight import (
    BodyPart,
    CriticalResult,
    DiscrepancyType,
    FollowUp,
    Guidance,
    Insight,
    Kind,
    LateralityDiscrepancy,
    OrderCompleteness,
    QualityMeasure,
    RadiologyProcedure,
    Scoring,
    SexMismatch,
)
from fhir_adapter.model.reading import Communication, Finding
from fhir_adapter.model.report import JSON


def inference(insight: Insight, terms: Terms) -> Resource:
    """The inference of an insight. One of a kind that the API does not know is told by its statement."""
    extensions = [*_words(insight, terms), *_place(insight, terms), *terms.reasons(insight)]
    return extended({"kind": insight.kind.value, **_fields(insight, terms)}, extensions)


def _fields(insight: Insight, terms: Terms) -> Resource:
    out: Resource = {}
    match insight.detail:
        case Finding() as finding:
            out = {"finding": observation(finding, terms)}
        case CriticalResult() as result:
            out = {"result": {"description": result.name, "finding": observation(result.finding, terms)}}
        case SexMismatch() as mismatch:
            out = {"sexIndication": terms.code("sex", mismatch.indicated.value, *insight.evidence)}
        case LateralityDiscrepancy() as discrepancy:
            out = {"discrepancyType": discrepancy.type.value}
            if discrepancy.indicated:
                out["lateralityIndication"] = terms.code("side", discrepancy.indicated.value, *insight.evidence)
        case OrderCompleteness() as order:
            out = _completeness(insight.kind, order, terms)
        case FollowUp() as recommended:
            out = followup(recommended, terms)
        case Communication() as told:
            out = _communication(told, terms)
        case RadiologyProcedure() as procedure:
            out = ordered(procedure, terms)
        case Scoring() as scoring:
            out = _score(scoring)
        case Guidance() as guidance:
            out = guided(guidance, terms)
        case QualityMeasure() as measure:
            out = {"qualityMeasureDenominator": measure.denominator, "complianceType": measure.compliance.value,
                   "qualityCriteria": list(measure.criteria)}
        case _ if insight.kind is not Kind.AGE_MISMATCH:
            out = {"description": insight.statement}
    return out


def _words(insight: Insight, terms: Terms) -> list[JSON]:
    """The evidence. A side that is missing has none, as in the reference."""
    detail = insight.detail
    if isinstance(detail, LateralityDiscrepancy) and detail.type is DiscrepancyType.TEXT_LATERALITY_MISSING:
        return []
    return terms.words(*insight.evidence)


def _place(insight: Insight, terms: Terms) -> list[JSON]:
    """Section and, where it is asked for, sentence: of findings and critical results, and of recommendations."""
    detail = insight.detail
    if isinstance(detail, FollowUp) and terms.options.recommendation_sentences:
        return [{"url": "modality_sentences", "valueString": terms.place(detail.recommendation.sentence.span)}]
    if not isinstance(detail, Finding | CriticalResult):
        return []
    finding = detail if isinstance(detail, Finding) else detail.finding
    out = terms.section(finding.sentence.section)
    if insight.kind is Kind.FINDING and terms.options.finding_sentences:
        out.append({"url": "ci_sentence", "valueString": terms.place(finding.sentence.span)})
    return out


def _completeness(kind: Kind, order: OrderCompleteness, terms: Terms) -> Resource:
    def concepts(parts: tuple[BodyPart, ...]) -> list[JSON]:
        return [terms.concept(part.code, *part.spans) for part in parts]

    which = "missing" if kind is Kind.COMPLETE_ORDER_DISCREPANCY else "present"
    return {"orderType": terms.concept(order.examination), f"{which}BodyParts": concepts(order.parts),
            f"{which}BodyPartMeasurements": concepts(order.measured)}


def _communication(told: Communication, terms: Terms) -> Resource:
    """The time has no offset where neither text nor request gives one, as in the reference; a day alone is midnight."""
    out: Resource = {}
    if at := terms.date(told.at):
        if not isinstance(told.at, datetime):
            at = f"{at}T{told.clock.isoformat('seconds') if told.clock else '00:00:00'}"
        out["communicatedAt"] = [at]
    return out | {"recipient": [told.recipient_role.value], "wasAcknowledged": told.acknowledged}


def _score(scoring: Scoring) -> Resource:
    score = scoring.score
    out: Resource = {"category": scoring.category, "categoryDescription": scoring.description}
    if score.high:
        return out | {"rangeValue": {"minimum": score.value, "maximum": score.high}}
    return out | {"singleValue": score.value}
