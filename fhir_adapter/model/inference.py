"""What a client of the Radiology Insights API asks for."""

from dataclasses import dataclass, field

from fhir_adapter.model.insight import Kind
from fhir_adapter.model.report import Report

INFERENCE_TYPES = (
    Kind.AGE_MISMATCH, Kind.LATERALITY_DISCREPANCY, Kind.SEX_MISMATCH, Kind.COMPLETE_ORDER_DISCREPANCY,
    Kind.LIMITED_ORDER_DISCREPANCY, Kind.FINDING, Kind.CRITICAL_RESULT, Kind.FOLLOWUP_RECOMMENDATION,
    Kind.FOLLOWUP_COMMUNICATION, Kind.RADIOLOGY_PROCEDURE, Kind.SCORING_AND_ASSESSMENT, Kind.GUIDANCE,
    Kind.QUALITY_MEASURE)
"""The kinds of the API in its order; the last three came with 2024-10-01. Our others are sent to who names them."""

EARLY_TYPES = INFERENCE_TYPES[:10]
"""The kinds that a client of an earlier version knows."""


@dataclass(frozen=True, slots=True, kw_only=True)
class InferenceOptions:
    """`configuration` of a job. The defaults are those of the API's specification; evidence is given unless refused."""

    kinds: tuple[Kind, ...] = INFERENCE_TYPES
    include_evidence: bool = True
    verbose: bool = False
    """Whether each inference also says by which rule it was made, in a sentence, and how sure it is."""
    no_modality: bool = False
    """Whether recommendations that name no modality are given too."""
    in_references: bool = False
    """Whether recommendations that only quote a guideline or an article are given too."""
    finding_sentences: bool = False
    """Whether findings say in which sentence they stand."""
    recommendation_sentences: bool = False
    """Whether recommendations say in which sentence their modality stands."""
    history: bool = False
    """Whether guidance is given for findings of the history too."""
    measures: tuple[str, ...] = ()
    """The quality measures asked for; none by default."""


@dataclass(frozen=True, slots=True, kw_only=True)
class InferenceRequest:
    """One job: the report, the ids by which its client knows patient and document, and the options."""

    report: Report
    patient_id: str = field(repr=False)
    document_id: str = field(repr=False)
    options: InferenceOptions = InferenceOptions()
