"""What may go on: the report without the person."""

from dataclasses import dataclass
from enum import StrEnum
from typing import NewType

from fhir_adapter.issues import Issue
from fhir_adapter.model.offsets import OffsetMap
from fhir_adapter.model.report import Age, Moment, Order, Paragraph, ReportStatus, Sex
from fhir_adapter.model.span import Span

SafeText = NewType("SafeText", str)
"""Text that went through de-identification. Only `deid.scrub` may call this (an architecture test looks)."""


class Mode(StrEnum):
    """How much of the person stays, named as the setting `mode` names it."""

    SAFE_HARBOR = "safe-harbor"
    """Years only, tokens that are not derived from the person: 45 CFR 164.514(b)(2)."""
    LIMITED = "limited"
    """Dates moved by whole weeks, pseudonyms derived with the site's key."""
    TRUSTED = "trusted"
    """Everything as it was sent, for a target inside the hospital."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Replacement:
    """Why one stretch of the text was replaced: `span` in the safe text, recogniser, rule and reason, no words."""

    span: Span
    recogniser: str
    rule: str
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SafePatient:
    """The patient behind a keyed pseudonym, with what the engine needs: sex and age at the service date."""

    pseudonym: str
    sex: Sex
    age: Age | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SafeStudy:
    """The study behind pseudonyms; `uid` is a valid DICOM UID under 2.25, `series` likewise."""

    uid: str = ""
    accession: str = ""
    modality: str = ""
    series: tuple[str, ...] = ()
    started: Moment | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SafeReport:
    """A report that says nothing about who it is about; made by `deid.scrub` alone, and all that the engine takes.

    All dates are shifted by the patient's own number of days, in the text too; `offsets` leads back to the sender's
    characters; `pseudonym` names the report itself and is stable over resends and corrections; `order` has no
    identifiers left. In mode safe-harbor no day is told: `service` and `issued` are None, and `year` is the year of the
    service. In mode trusted nothing is hidden.
    """

    text: SafeText
    offsets: OffsetMap
    pseudonym: str
    patient: SafePatient
    order: Order
    study: SafeStudy
    status: ReportStatus
    service: Moment | None
    issued: Moment | None
    paragraphs: tuple[Paragraph, ...]
    replacements: tuple[Replacement, ...]
    format: str
    version: str
    mode: Mode = Mode.LIMITED
    year: int | None = None
    issues: tuple[Issue, ...] = ()
