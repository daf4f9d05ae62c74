"""What arrives: one radiology report and what its message says about it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum

from fhir_adapter.issues import Issue
from fhir_adapter.model.code import Code
from fhir_adapter.model.span import Span

Moment = datetime | date
"""A point in time: an aware datetime, or a date where only the day is known. A naive datetime is refused."""


class Sex(StrEnum):
    """FHIR administrative-gender."""

    FEMALE = "female"
    MALE = "male"
    OTHER = "other"
    UNKNOWN = "unknown"


class Side(StrEnum):
    """Laterality."""

    LEFT = "left"
    RIGHT = "right"
    BILATERAL = "bilateral"

    @property
    def opposite(self) -> "Side":
        """The other side; BILATERAL has none and returns itself."""
        return {Side.LEFT: Side.RIGHT, Side.RIGHT: Side.LEFT}.get(self, self)


class Contrast(StrEnum):
    """Contrast medium as ordered or reported."""

    WITH = "with"
    WITHOUT = "without"
    BOTH = "both"


class AgeUnit(StrEnum):
    """UCUM units of age."""

    YEARS = "a"
    MONTHS = "mo"
    WEEKS = "wk"
    DAYS = "d"


class ReportStatus(StrEnum):
    """FHIR DiagnosticReport.status (R4)."""

    REGISTERED = "registered"
    PARTIAL = "partial"
    PRELIMINARY = "preliminary"
    FINAL = "final"
    AMENDED = "amended"
    CORRECTED = "corrected"
    APPENDED = "appended"
    CANCELLED = "cancelled"
    ENTERED_IN_ERROR = "entered-in-error"
    UNKNOWN = "unknown"


class IdentifierKind(StrEnum):
    """What sort of identifying value a message names."""

    NAME = "name"
    ID = "id"
    ACCESSION = "accession"
    DATE = "date"
    PHONE = "phone"
    EMAIL = "email"
    URL = "url"
    ADDRESS = "address"
    FACILITY = "facility"
    UID = "uid"


class IdentifierRole(StrEnum):
    """Whom an identifying value belongs to."""

    PATIENT = "patient"
    RELATIVE = "relative"
    CLINICIAN = "clinician"
    ORGANISATION = "organisation"
    REQUEST = "request"


@dataclass(frozen=True, slots=True, kw_only=True)
class Identifier:
    """One identifying value that the message itself names; the strongest hint there is for de-identifying its text.

    For a NAME, `parts` holds its words with their part ("family", "given", "middle", "suffix", "prefix"); for other
    kinds it is empty. `where` is the place in the message, as in `PID-5` or `Patient.name[0]`.
    """

    kind: IdentifierKind
    role: IdentifierRole
    value: str = field(repr=False)
    where: str
    parts: tuple[tuple[str, str], ...] = field(default=(), repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Age:
    """A completed age; `at_least` marks ages of ninety and more, which are not told exactly."""

    value: int
    unit: AgeUnit = AgeUnit.YEARS
    at_least: bool = False

    def __post_init__(self) -> None:
        if self.value < 0:
            raise ValueError("an age is not negative")


@dataclass(frozen=True, slots=True, kw_only=True)
class Patient:
    """Whom the report is about. `key` is the identifier that stays the same over messages (first MRN or FHIR id)."""

    key: str = field(default="", repr=False)
    sex: Sex = Sex.UNKNOWN
    birth_date: date | None = field(default=None, repr=False)
    age: Age | None = None
    """Age at the service date as the sender states it, for senders that give no birth date."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """The procedure that was ordered: its code and words, and what the words say (filled by the reader by table)."""

    code: Code | None = None
    text: str = ""
    modality: str = ""
    """DICOM modality code (CID 29) such as CT, MR, US, or empty."""
    side: Side | None = None
    contrast: Contrast | None = None
    reason: str = ""
    placer_number: str = field(default="", repr=False)
    filler_number: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Study:
    """The images the report speaks of. `uid` is a bare DICOM UID without the urn:oid: prefix."""

    uid: str = field(default="", repr=False)
    accession: str = field(default="", repr=False)
    modality: str = ""
    series: tuple[str, ...] = field(default=(), repr=False)
    started: Moment | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Paragraph:
    """A stretch of `Report.text` and where in the message it stood, as `OBX[3]-5` or
    `DiagnosticReport.presentedForm[0]`; `section` is a LOINC section code where the sender gave one, else empty.
    """

    span: Span
    source: str
    section: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Origin:
    """Where a report came from: format ("hl7v2" or "fhir"), version, sender and message identity."""

    format: str
    version: str = ""
    sender: str = field(default="", repr=False)
    message_id: str = field(default="", repr=False)
    identity: str = field(default="", repr=False)
    """What stays the same when the report is sent again or corrected: filler order number or resource id."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """One report as its sender meant it: `text` with escapes resolved and lines joined, nothing else changed."""

    text: str = field(repr=False)
    origin: Origin
    status: ReportStatus = ReportStatus.UNKNOWN
    patient: Patient = Patient()
    order: Order = Order()
    study: Study = Study()
    service: Moment | None = field(default=None, repr=False)
    """When the examination took place (OBR-7, DiagnosticReport.effective)."""
    issued: Moment | None = field(default=None, repr=False)
    paragraphs: tuple[Paragraph, ...] = ()
    identifiers: tuple[Identifier, ...] = field(default=(), repr=False)
    unused: tuple[str, ...] = ()
    """Places of the message that no one read, such as `ZPF-2` (place names only, never their content)."""
    issues: tuple[Issue, ...] = ()

    def __post_init__(self) -> None:
        for moment in (self.service, self.issued, self.study.started):
            if isinstance(moment, datetime) and moment.tzinfo is None:
                raise ValueError("a time needs its offset")


JSON = None | bool | int | float | str | list["JSON"] | dict[str, "JSON"]
JSONObject = Mapping[str, JSON]
