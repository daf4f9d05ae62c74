"""Which detectors there are: one line each."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from fhir_adapter.insights.case import Case
from fhir_adapter.insights.detectors import (
    age_mismatch,
    complete_order_discrepancy,
    critical_result,
    finding,
    followup_communication,
    followup_recommendation,
    guidance,
    laterality_discrepancy,
    limited_order_discrepancy,
    measurement_discrepancy,
    procedure_discrepancy,
    quality_measure,
    radiology_procedure,
    scoring_and_assessment,
    sex_mismatch,
    uncommunicated_critical_result,
    vague_recommendation,
)
from fhir_adapter.model.insight import Insight, Kind


@dataclass(frozen=True, slots=True, kw_only=True)
class Detector:
    """One kind of insight and the function that finds it."""

    kind: Kind
    summary: str
    detect: Callable[[Case], Iterator[Insight]]


DETECTORS = (
    Detector(kind=Kind.CRITICAL_RESULT, summary="Someone must be told in minutes, hours or days.",
             detect=critical_result.detect),
    Detector(kind=Kind.FOLLOWUP_RECOMMENDATION, summary="The report asks for something to be done.",
             detect=followup_recommendation.detect),
    Detector(kind=Kind.LATERALITY_DISCREPANCY, summary="Sides disagree.", detect=laterality_discrepancy.detect),
    Detector(kind=Kind.SEX_MISMATCH, summary="The text is about the other sex.", detect=sex_mismatch.detect),
    Detector(kind=Kind.AGE_MISMATCH, summary="The text gives another age.", detect=age_mismatch.detect),
    Detector(kind=Kind.UNCOMMUNICATED_CRITICAL_RESULT, summary="A critical result, and no one is said to know.",
             detect=uncommunicated_critical_result.detect),
    Detector(kind=Kind.COMPLETE_ORDER_DISCREPANCY, summary="A complete examination was ordered and parts are missing.",
             detect=complete_order_discrepancy.detect),
    Detector(kind=Kind.LIMITED_ORDER_DISCREPANCY, summary="A limited examination was ordered and a complete one made.",
             detect=limited_order_discrepancy.detect),
    Detector(kind=Kind.PROCEDURE_DISCREPANCY, summary="Modality or contrast disagree.",
             detect=procedure_discrepancy.detect),
    Detector(kind=Kind.MEASUREMENT_DISCREPANCY, summary="Findings and impression give different sizes.",
             detect=measurement_discrepancy.detect),
    Detector(kind=Kind.VAGUE_RECOMMENDATION, summary="A recommendation does not say what or when.",
             detect=vague_recommendation.detect),
    Detector(kind=Kind.FOLLOWUP_COMMUNICATION, summary="Someone was told.", detect=followup_communication.detect),
    Detector(kind=Kind.SCORING_AND_ASSESSMENT, summary="A dictated score or category.",
             detect=scoring_and_assessment.detect),
    Detector(kind=Kind.GUIDANCE, summary="What a guideline asks about a finding, and what it proposes.",
             detect=guidance.detect),
    Detector(kind=Kind.QUALITY_MEASURE, summary="How the report does by a quality measure.",
             detect=quality_measure.detect),
    Detector(kind=Kind.RADIOLOGY_PROCEDURE, summary="What was ordered.", detect=radiology_procedure.detect),
    Detector(kind=Kind.FINDING, summary="What was found, or denied.", detect=finding.detect),
)
