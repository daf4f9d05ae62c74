"""What one message is scrubbed with."""

from collections import ChainMap
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime

from fhir_adapter.deid.formats import descriptors
from fhir_adapter.deid.identity import Identity
from fhir_adapter.deid.recognisers.context import Known
from fhir_adapter.deid.surrogates import Names, Surrogates
from fhir_adapter.deid.text import Scrubbed, scrub_text
from fhir_adapter.issues import Issue
from fhir_adapter.model.report import Identifier, Report
from fhir_adapter.model.safe import Mode
from fhir_adapter.settings import Settings
from fhir_adapter.tables.deid_policy import Actions
from fhir_adapter.tables.deidentification import DeidTables

_LABELS = {Mode.LIMITED: "PSEUDED", Mode.SAFE_HARBOR: "ANONYED", Mode.TRUSTED: "TRUSTED"}


def unread(_content: bytes, _media: str) -> str:
    """No document can be read."""
    return ""


def unheard(_issue: Issue) -> None:
    """No one is told."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Disguise:
    """Mode, tables, one patient of the message with the days of that patient, and all names of the message."""

    identity: Identity
    tables: DeidTables
    patient: str
    days: int | None
    near: date | None
    identifiers: tuple[Identifier, ...]
    known: frozenset[str]
    named: Known
    """The same names made ready for texts."""
    document: Callable[[bytes, str], str] = unread
    """The words of a document of a media type; empty where they cannot be read."""
    tell: Callable[[Issue], None] = unheard
    site: Actions | None = None
    surrogates: Surrogates = field(default_factory=Surrogates)
    encoded: list[str] = field(default_factory=list, repr=False)
    """Scrubbed words that the output holds in an encoding which hides them from a search."""

    @property
    def label(self) -> str:
        """The security label (v3-ObservationValue), the mode and the key's name, for formats that have words only."""
        return f"{_LABELS[self.identity.mode]} {self.identity.mode.value} {self.identity.name}"

    @property
    def fields(self) -> Actions:
        """By HL7 v2 segment, the action of each field."""
        return self.site or self.tables.policy.hl7v2

    def at_site(self, site: Actions) -> "Disguise":
        """The same with a sender's own segments."""
        return replace(self, site=ChainMap(dict(site), dict(self.tables.policy.hl7v2))) if site else self

    def yearly(self) -> "Disguise":
        """The same for what is nobody's: of dates the year alone."""
        return replace(self, days=None)

    def words_of(self, content: bytes, media: str, where: str) -> str:
        """The words of a document, scrubbed; empty, and told as OUT-523, where they cannot be read."""
        text = self.document(content, media) if content else ""
        if not text.strip():
            self.tell(Issue.at("OUT-523", where))
            return ""
        safe = self.clean(text).text
        self.encoded.append(safe)
        return safe

    def clean(self, text: str) -> Scrubbed:
        """A free text through all recognisers."""
        return scrub_text(text, self.named, days=self.days, near=self.near, tables=self.tables,
                          surrogates=self.surrogates)


def disguises(reports: Sequence[Report], identity: Identity, settings: Settings, tables: DeidTables,
              document: Callable[[bytes, str], str] = unread,
              tell: Callable[[Issue], None] = unheard) -> tuple[Disguise, ...]:
    """One for each patient that a message names; every one knows the names of all."""
    identifiers = tuple({(i.kind, i.value): i for report in reports for i in report.identifiers}.values())
    names = Names.of(identity, identifiers, tables) if settings.surrogates == "names" else None
    first = Disguise(identity=identity, tables=tables, patient="", days=None, near=None, identifiers=identifiers,
                     document=document, tell=tell, named=Known.of(identifiers, tables),
                     known=descriptors.known_words(identifiers, tables.common_words), surrogates=Surrogates(names))
    made = []
    for report in reports:
        patient, service = report.patient.key or report.origin.identity, report.service
        made.append(replace(first, patient=patient, days=identity.shift(patient),
                            near=service.date() if isinstance(service, datetime) else service))
    return tuple(made)
