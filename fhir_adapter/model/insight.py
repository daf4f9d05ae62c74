"""What the report means for someone: an insight and its proof."""

from dataclasses import dataclass
from enum import StrEnum

from fhir_adapter.issues import Issue
from fhir_adapter.model.code import Code
from fhir_adapter.model.reading import Finding, Reading, Recommendation
from fhir_adapter.model.report import JSONObject, Moment, Report, Sex, Side
from fhir_adapter.model.span import Span


class Kind(StrEnum):
    """Kinds of insight, named as the Radiology Insights API names them."""

    AGE_MISMATCH = "ageMismatch"
    SEX_MISMATCH = "sexMismatch"
    LATERALITY_DISCREPANCY = "lateralityDiscrepancy"
    FINDING = "finding"
    CRITICAL_RESULT = "criticalResult"
    FOLLOWUP_RECOMMENDATION = "followupRecommendation"


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
    """A critical result by the name the published list gives it, and the finding that is one."""

    name: str
    finding: Finding


@dataclass(frozen=True, slots=True, kw_only=True)
class FollowUp:
    """A recommendation with its due date: `due` for a point, `start` and `end` for a period; all None if not said.

    `reasons` are the findings that it follows up.
    """

    recommendation: Recommendation
    reasons: tuple[Finding, ...] = ()
    due: Moment | None = None
    start: Moment | None = None
    end: Moment | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SexMismatch:
    """The sex that the text implies, where the metadata say another."""

    indicated: Sex


@dataclass(frozen=True, slots=True, kw_only=True)
class AgeMismatch:
    """The age in the text is not the age by the metadata (both are in the statement)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LateralityDiscrepancy:
    """Which kind of side trouble, and the side in the text (None where it is missing)."""

    type: DiscrepancyType
    indicated: Side | None = None


Detail = Finding | CriticalResult | FollowUp | SexMismatch | AgeMismatch | LateralityDiscrepancy


@dataclass(frozen=True, slots=True, kw_only=True)
class Insight:
    """One thing worth telling, in one `statement` for a person, with the words that prove it.

    `evidence` are spans of the safe text, the trigger first, never empty: no evidence, no insight. For a missing side
    it is the heading of the text that should have named it. `rule` says how it was decided (table and row).
    """

    kind: Kind
    statement: str
    evidence: tuple[Span, ...]
    detail: Detail
    subject: Code | None = None
    urgency: Urgency = Urgency.NONE
    rule: str = ""

    def __post_init__(self) -> None:
        if not self.evidence:
            raise ValueError("an insight needs its evidence")


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
