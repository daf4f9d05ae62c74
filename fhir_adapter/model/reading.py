"""What the text says, before anyone judges it."""

from dataclasses import dataclass
from datetime import time
from decimal import Decimal
from enum import StrEnum

from fhir_adapter.issues import Issue
from fhir_adapter.model.code import Code
from fhir_adapter.model.report import Age, Contrast, Moment, Sex, Side
from fhir_adapter.model.safe import SafeReport
from fhir_adapter.model.span import Span


class SectionKind(StrEnum):
    """Kinds of section; LOINC codes for them are in mappings/nlp/sections.json."""

    HEADER = "header"
    INDICATION = "indication"
    TECHNIQUE = "technique"
    COMPARISON = "comparison"
    FINDINGS = "findings"
    IMPRESSION = "impression"
    RECOMMENDATION = "recommendation"
    COMMUNICATION = "communication"
    ADDENDUM = "addendum"
    SIGNATURE = "signature"
    OTHER = "other"


class Assertion(StrEnum):
    """How the text means what it names."""

    PRESENT = "present"
    ABSENT = "absent"
    POSSIBLE = "possible"
    HISTORICAL = "historical"
    HYPOTHETICAL = "hypothetical"
    FAMILY = "family"


class Change(StrEnum):
    """Against an earlier examination."""

    NEW = "new"
    STABLE = "stable"
    LARGER = "larger"
    SMALLER = "smaller"


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """A part of the report. `span` covers heading and body; `heading` is None for text before any heading."""

    kind: SectionKind
    span: Span
    body: Span
    heading: Span | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Sentence:
    """One sentence or list item and the section that it stands in."""

    span: Span
    section: SectionKind


@dataclass(frozen=True, slots=True, kw_only=True)
class Site:
    """A body site that the text names; `rule` is the table row that knew it."""

    code: Code
    span: Span
    side: Side | None = None
    side_span: Span | None = None
    rule: str = ""


class Quantity(StrEnum):
    """What a measurement measures; each has its UCUM units."""

    LENGTH = "length"
    VOLUME = "volume"
    ATTENUATION = "attenuation"
    UPTAKE = "uptake"
    ANGLE = "angle"
    FRACTION = "fraction"
    VELOCITY = "velocity"
    DEVIATION = "deviation"


@dataclass(frozen=True, slots=True, kw_only=True)
class Measurement:
    """A size or value: one number per dimension in `values`, one UCUM `unit`.

    `high` is the upper end of a range ("2 to 3 mm"), else None; `comparator` is one of "", "<", "<=", ">", ">=", "~";
    `dimensions` names the axes in the order of `values` where the text does ("AP", "transverse"), else it is empty.
    `current` is False for a size quoted from an earlier examination, of the day `prior_date` if the text says it.
    `subject` is the finding or site that is measured, at `subject_span`; None where the text does not tell.
    """

    span: Span
    values: tuple[Decimal, ...]
    unit: str
    quantity: Quantity = Quantity.LENGTH
    high: Decimal | None = None
    comparator: str = ""
    dimensions: tuple[str, ...] = ()
    current: bool = True
    prior_date: Moment | None = None
    subject: Code | None = None
    subject_span: Span | None = None
    section: SectionKind = SectionKind.OTHER

    def __post_init__(self) -> None:
        if not 1 <= len(self.values) <= 3:
            raise ValueError("a measurement has one to three dimensions")


@dataclass(frozen=True, slots=True, kw_only=True)
class Qualifier:
    """A coded word about a finding, such as severe or chronic."""

    code: Code
    span: Span


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One mention of one finding, with everything the sentence says about it.

    `concept` is what was found; `rule` the table row; `cues` the spans that decided assertion, change and side.
    """

    concept: Code
    span: Span
    sentence: Sentence
    assertion: Assertion = Assertion.PRESENT
    sites: tuple[Site, ...] = ()
    side: Side | None = None
    measurements: tuple[Measurement, ...] = ()
    change: Change | None = None
    severity: Qualifier | None = None
    chronicity: Qualifier | None = None
    cues: tuple[Span, ...] = ()
    rule: str = ""


class RecommendationKind(StrEnum):
    """What is recommended."""

    IMAGING = "imaging"
    PROCEDURE = "procedure"
    CONSULTATION = "consultation"
    OTHER = "other"


class IntervalUnit(StrEnum):
    """UCUM units of a follow-up interval."""

    HOURS = "h"
    DAYS = "d"
    WEEKS = "wk"
    MONTHS = "mo"
    YEARS = "a"


@dataclass(frozen=True, slots=True, kw_only=True)
class Interval:
    """When a follow-up is due, as written. "in 6 months": low 6, high None. "3-6 months": low 3, high 6.
    "within 6 months": low None, high 6. "annually" and "every year": 1 year, `repeats`. "at 3, 6 and 12 months": low 3,
    high 12, `series` (3, 6, 12). "for 2 years" after one of them is `lasting`. "short-term" is `vague`: no number.
    """

    span: Span
    unit: IntervalUnit
    low: int | None = None
    high: int | None = None
    series: tuple[int, ...] = ()
    repeats: bool = False
    lasting: tuple[int, IntervalUnit] | None = None
    vague: bool = False

    def __post_init__(self) -> None:
        if self.low is None and self.high is None and not self.vague:
            raise ValueError("an interval needs a number")


@dataclass(frozen=True, slots=True, kw_only=True)
class Recommendation:
    """One thing recommended: one modality and one body part. Missing ones are None, which is a result in itself.

    `span` is the sentence, or the clause of it where several clauses ask for something.
    `conditional`: if, when, unless. `option`: consider. `hedging`: may be, can be. `guideline`: only quotes a rule.
    `historical`: only recalls what an earlier report recommended.
    """

    span: Span
    sentence: Sentence
    kind: RecommendationKind
    cue: Span
    procedure: Code | None = None
    procedure_span: Span | None = None
    modality: str = ""
    site: Site | None = None
    side: Side | None = None
    contrast: Contrast | None = None
    interval: Interval | None = None
    conditional: bool = False
    option: bool = False
    hedging: bool = False
    guideline: bool = False
    historical: bool = False
    rule: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class AgeMention:
    """The patient's age as the text states it."""

    span: Span
    age: Age
    sentence: Sentence


@dataclass(frozen=True, slots=True, kw_only=True)
class SexMention:
    """Words that imply the patient's sex; `rule` is the table row that says why."""

    span: Span
    sex: Sex
    sentence: Sentence
    rule: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class SideMention:
    """A side word, the site it belongs to if any, and how the sentence means it.

    `comparison` is True where the sentence looks at the other side only to compare (contralateral, asymmetric to).
    """

    span: Span
    side: Side
    sentence: Sentence
    site: Site | None = None
    assertion: Assertion = Assertion.PRESENT
    comparison: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ContrastMention:
    """What the text says of contrast medium in this examination: with, without, or both."""

    span: Span
    contrast: Contrast
    sentence: Sentence


@dataclass(frozen=True, slots=True, kw_only=True)
class TechniqueMention:
    """A modality that the text names as the one of this examination, as a DICOM modality code (CID 29)."""

    span: Span
    modality: str
    sentence: Sentence
    rule: str = ""


class RecipientRole(StrEnum):
    """Who was told, as the Radiology Insights API names them."""

    DOCTOR = "doctor"
    NURSE = "nurse"
    PHYSICIAN_ASSISTANT = "physicianAssistant"
    MIDWIFE = "midwife"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True, kw_only=True)
class Communication:
    """A result that was told to someone; future and past history are none.

    `acknowledged` is True for what was said (discussed, called, read back), False for what was only sent. `at` is the
    moment, resolved where the text or the service date gives the day; it is a date where no offset is known.
    `clock` is the time of day as the text says it; `at_span` are the words of both.
    """

    span: Span
    sentence: Sentence
    recipient_role: RecipientRole = RecipientRole.UNKNOWN
    recipient_span: Span | None = None
    acknowledged: bool = False
    at: Moment | None = None
    clock: time | None = None
    at_span: Span | None = None
    rule: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Score:
    """A dictated score or category of one of the systems in mappings/nlp/scores.yaml, never a computed one.

    `value` is as the system writes it ("4A", "-2.5", "18"), `high` the upper end of a range. `legal` is False for a
    value that the system does not have; such a score is an issue (NLP-405) and no insight.
    """

    span: Span
    sentence: Sentence
    system: str
    value: str
    high: str | None = None
    legal: bool = True
    side: Side | None = None
    rule: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """All that the engine read in one report; spans are offsets into `report.text`."""

    report: SafeReport
    sections: tuple[Section, ...] = ()
    sentences: tuple[Sentence, ...] = ()
    findings: tuple[Finding, ...] = ()
    measurements: tuple[Measurement, ...] = ()
    recommendations: tuple[Recommendation, ...] = ()
    ages: tuple[AgeMention, ...] = ()
    sexes: tuple[SexMention, ...] = ()
    sides: tuple[SideMention, ...] = ()
    contrasts: tuple[ContrastMention, ...] = ()
    techniques: tuple[TechniqueMention, ...] = ()
    communications: tuple[Communication, ...] = ()
    scores: tuple[Score, ...] = ()
    issues: tuple[Issue, ...] = ()
