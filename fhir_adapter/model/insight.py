"""What the report means for someone: an insight and its proof."""

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from fhir_adapter.issues import Issue
from fhir_adapter.model.code import Code
from fhir_adapter.model.reading import (
    Communication,
    Finding,
    IntervalUnit,
    Measurement,
    Reading,
    Recommendation,
    RecommendationKind,
    Score,
)
from fhir_adapter.model.report import Age, Contrast, JSONObject, Moment, Report, Sex, Side
from fhir_adapter.model.span import Span


class Kind(StrEnum):
    """Kinds of insight, named as the Radiology Insights API names them; the last four are ours."""

    AGE_MISMATCH = "ageMismatch"
    SEX_MISMATCH = "sexMismatch"
    LATERALITY_DISCREPANCY = "lateralityDiscrepancy"
    COMPLETE_ORDER_DISCREPANCY = "completeOrderDiscrepancy"
    LIMITED_ORDER_DISCREPANCY = "limitedOrderDiscrepancy"
    FINDING = "finding"
    CRITICAL_RESULT = "criticalResult"
    FOLLOWUP_RECOMMENDATION = "followupRecommendation"
    FOLLOWUP_COMMUNICATION = "followupCommunication"
    RADIOLOGY_PROCEDURE = "radiologyProcedure"
    SCORING_AND_ASSESSMENT = "scoringAndAssessment"
    GUIDANCE = "guidance"
    QUALITY_MEASURE = "qualityMeasure"
    PROCEDURE_DISCREPANCY = "procedureDiscrepancy"
    UNCOMMUNICATED_CRITICAL_RESULT = "uncommunicatedCriticalResult"
    VAGUE_RECOMMENDATION = "vagueRecommendation"
    MEASUREMENT_DISCREPANCY = "measurementDiscrepancy"


class Urgency(StrEnum):
    """ACR actionable-findings category (Larson 2014), as RadLex ids; NONE is RID50261, non-actionable."""

    EMERGENT = "RID49480"
    URGENT = "RID49481"
    NONCRITICAL = "RID49482"
    NONE = "RID50261"


class DiscrepancyType(StrEnum):
    """The three laterality discrepancies of the Radiology Insights API."""

    ORDER_LATERALITY_MISMATCH = "orderLateralityMismatch"
    TEXT_LATERALITY_CONTRADICTION = "textLateralityContradiction"
    TEXT_LATERALITY_MISSING = "textLateralityMissing"


@dataclass(frozen=True, slots=True, kw_only=True)
class CriticalResult:
    """A critical result by the name the published list gives it, and the finding that is one.

    `within_minutes` is how soon someone must have been told, by the table's row.
    """

    name: str
    finding: Finding
    within_minutes: int


class ReasonStatus(StrEnum):
    """What a finding is to the recommendation that it leads to, as the Radiology Insights API names it."""

    PRESENT = "present"
    DIFFERENTIAL = "differential"
    RULE_OUT = "ruleOut"
    CONDITIONAL = "conditional"


@dataclass(frozen=True, slots=True, kw_only=True)
class Reason:
    """A finding that a recommendation follows up; `critical` names the critical result that it is, else empty."""

    finding: Finding
    status: ReasonStatus
    critical: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class FollowUp:
    """A recommendation with its due date: `due` for a point, `start` and `end` for a period; all None if not said."""

    recommendation: Recommendation
    reasons: tuple[Reason, ...] = ()
    due: Moment | None = None
    start: Moment | None = None
    end: Moment | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SexMismatch:
    """The sex that the text implies, where the metadata say another."""

    indicated: Sex


@dataclass(frozen=True, slots=True, kw_only=True)
class AgeMismatch:
    """The age that the text tells and the one by the metadata."""

    said: Age
    known: Age


@dataclass(frozen=True, slots=True, kw_only=True)
class LateralityDiscrepancy:
    """Which kind of side trouble, and the side in the text (None where it is missing)."""

    type: DiscrepancyType
    indicated: Side | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class BodyPart:
    """A part that a complete examination shows: its code and side, and the spans that speak of it (none: missing)."""

    code: Code
    side: Side | None = None
    spans: tuple[Span, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderCompleteness:
    """An ultrasound that shows less than the complete one ordered, or as much as one where a limited was ordered.

    `parts` and `measured` are the missing ones of a completeOrderDiscrepancy, the present ones of a
    limitedOrderDiscrepancy.
    """

    examination: Code
    parts: tuple[BodyPart, ...]
    measured: tuple[BodyPart, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ImagingProcedure:
    """One examination of one body part: SNOMED CT modality and anatomy, side, contrast, RadLex views.

    `view` says how many views, `view_types` which ones.
    """

    modality: Code
    anatomy: Code
    side: Side | None = None
    contrast: Contrast | None = None
    view: Code | None = None
    view_types: tuple[Code, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class RadiologyProcedure:
    """What was ordered: standard codes of the procedure, its parts, and the order's own code and words."""

    procedure_codes: tuple[Code, ...]
    imaging: tuple[ImagingProcedure, ...]
    ordered: Code | None = None
    description: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Scoring:
    """A dictated score: its category's published name ("BIRADS", "TI-RADS"), and what that is in words."""

    score: Score
    category: str
    description: str


class GuidanceRanking(StrEnum):
    """How much a guidance matters beside others of the same guideline in the report."""

    HIGH = "high"
    LOW = "low"


@dataclass(frozen=True, slots=True, kw_only=True)
class GuidanceItem:
    """One fact that a guideline asks for: its name (`SIZE`, `COMPOSITION`, …), the values read and their words.

    `values` and `sizes` are empty for a missing one; `maximum_diameter` is the largest diameter as the text has it.
    """

    name: str
    values: tuple[str, ...] = ()
    sizes: tuple[Measurement, ...] = ()
    maximum_diameter: str = ""
    spans: tuple[Span, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposal:
    """What a guideline proposes. It is not written in the report.

    `low` and `high` of `unit` count from the day of the examination, resolved in `start` and `end`; both None where the
    guideline gives no time. `nothing` means that no follow-up is needed. `text` is the proposal in one sentence, with
    its condition ("in a patient at high risk") where it is `conditional`.
    """

    text: str
    kind: RecommendationKind = RecommendationKind.IMAGING
    procedure: Code | None = None
    anatomy: Code | None = None
    side: Side | None = None
    low: int | None = None
    high: int | None = None
    unit: IntervalUnit | None = None
    start: Moment | None = None
    end: Moment | None = None
    nothing: bool = False
    option: bool = False
    conditional: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Guidance:
    """A finding, the guideline about it, what the guideline wants to know, and what it then proposes.

    Proposals and missing items exclude each other. `source` cites the guideline, with its year.
    """

    finding: Finding
    identifier: Code
    ranking: GuidanceRanking
    source: str
    present: tuple[GuidanceItem, ...] = ()
    missing: tuple[GuidanceItem, ...] = ()
    proposals: tuple[Proposal, ...] = ()


class Compliance(StrEnum):
    """How a report does by a quality measure, as the Radiology Insights API names it."""

    NOT_ELIGIBLE = "notEligible"
    PERFORMANCE_MET = "performanceMet"
    PERFORMANCE_NOT_MET = "performanceNotMet"
    DENOMINATOR_EXCEPTION = "denominatorException"


@dataclass(frozen=True, slots=True, kw_only=True)
class QualityMeasure:
    """One measure of one year: its id ("mips364"), its denominator's name, and the criteria that the report met."""

    measure: str
    title: str
    year: int
    denominator: str
    compliance: Compliance
    criteria: tuple[str, ...] = ()


class ProcedureDiscrepancyType(StrEnum):
    """What disagrees about how the examination was done."""

    ORDER_MODALITY_MISMATCH = "orderModalityMismatch"
    ORDER_CONTRAST_MISMATCH = "orderContrastMismatch"
    TEXT_CONTRAST_CONTRADICTION = "textContrastContradiction"


@dataclass(frozen=True, slots=True, kw_only=True)
class ProcedureDiscrepancy:
    """The examination was not done as ordered, or the text contradicts itself; `expected` and `told` in words."""

    type: ProcedureDiscrepancyType
    expected: str
    told: str


@dataclass(frozen=True, slots=True, kw_only=True)
class UncommunicatedCriticalResult:
    """Critical results that someone must be told of soon, in a report that documents no communication."""

    results: tuple[CriticalResult, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class VagueRecommendation:
    """A recommendation nobody can carry out as it stands; `missing` are some of modality, interval, site."""

    recommendation: Recommendation
    missing: tuple[str, ...]


class MeasurementDiscrepancyType(StrEnum):
    """How two sizes of one thing disagree."""

    DIFFERENT_SIZE = "differentSize"
    UNIT_SLIP = "unitSlip"


@dataclass(frozen=True, slots=True, kw_only=True)
class MeasurementDiscrepancy:
    """One thing, one size in the findings and another in the impression."""

    type: MeasurementDiscrepancyType
    finding: Finding
    in_findings: Measurement
    in_impression: Measurement


Detail = (
    Finding | CriticalResult | FollowUp | SexMismatch | AgeMismatch | LateralityDiscrepancy | OrderCompleteness
    | RadiologyProcedure | Communication | Scoring | Guidance | QualityMeasure | ProcedureDiscrepancy
    | UncommunicatedCriticalResult | VagueRecommendation | MeasurementDiscrepancy
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Insight:
    """One thing worth telling, in one `statement` for a person, with the words that prove it.

    `evidence` are spans of the safe text, the trigger first, never empty: no evidence, no insight. For something
    missing it is the place of the text that should have named it. `rule` says how it was decided (table and row).
    `confidence` is the share of such insights that were right in the evaluation data, 0 to 1; None where that was not
    measured.
    """

    kind: Kind
    statement: str
    evidence: tuple[Span, ...]
    detail: Detail
    subject: Code | None = None
    urgency: Urgency = Urgency.NONE
    rule: str = ""
    confidence: Decimal | None = None

    def __post_init__(self) -> None:
        if not self.evidence:
            raise ValueError("an insight needs its evidence")
        if self.confidence is not None and not 0 <= self.confidence <= 1:
            raise ValueError("a confidence lies between 0 and 1")


@dataclass(frozen=True, slots=True, kw_only=True)
class Resources:
    """The FHIR R4 transaction bundle of one report, as JSON, and what could not be said in it."""

    bundle: JSONObject
    issues: tuple[Issue, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """All that became of one report: what every entrance returns."""

    report: Report
    reading: Reading
    insights: tuple[Insight, ...]
    resources: Resources
    issues: tuple[Issue, ...]
