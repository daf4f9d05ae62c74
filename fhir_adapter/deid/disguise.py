"""What one message is scrubbed with."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime

from fhir_adapter.deid.formats import descriptors
from fhir_adapter.deid.identity import Identity
from fhir_adapter.deid.surrogates import Names, Surrogates
from fhir_adapter.deid.text import Scrubbed, scrub_text
from fhir_adapter.model.report import Identifier, Report
from fhir_adapter.model.safe import Mode
from fhir_adapter.settings import Settings
from fhir_adapter.tables.deidentification import DeidTables

_LABELS = {Mode.LIMITED: "PSEUDED", Mode.SAFE_HARBOR: "ANONYED", Mode.TRUSTED: "TRUSTED"}


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
    surrogates: Surrogates = field(default_factory=Surrogates)

    @property
    def label(self) -> str:
        """The security label (v3-ObservationValue), the mode and the key's name, for formats that have words only."""
        return f"{_LABELS[self.identity.mode]} {self.identity.mode.value} {self.identity.name}"

    def clean(self, text: str) -> Scrubbed:
        """A free text through all recognisers."""
        return scrub_text(text, self.identifiers, days=self.days, near=self.near, tables=self.tables,
                          surrogates=self.surrogates)


def disguises(reports: Sequence[Report], identity: Identity, settings: Settings,
              tables: DeidTables) -> tuple[Disguise, ...]:
    """One for each patient that a message names; every one knows the names of all."""
    identifiers = tuple({(i.kind, i.value): i for report in reports for i in report.identifiers}.values())
    names = Names.of(identity, identifiers, tables) if settings.surrogates == "names" else None
    first = Disguise(identity=identity, tables=tables, patient="", days=None, near=None, identifiers=identifiers,
                     known=descriptors.known_words(identifiers, tables.common_words), surrogates=Surrogates(names))
    made = []
    for report in reports:
        patient, service = report.patient.key or report.origin.identity, report.service
        made.append(replace(first, patient=patient, days=identity.shift(patient),
                            near=service.date() if isinstance(service, datetime) else service))
    return tuple(made)
