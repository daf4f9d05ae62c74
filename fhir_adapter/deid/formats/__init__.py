"""Messages back in their own format, without the person: ER7, FHIR JSON, DICOM, plain text."""

import json
from collections.abc import Callable, Sequence
from typing import Any

from fhir_adapter.deid import residue
from fhir_adapter.deid.disguise import Disguise, disguises, unheard, unread
from fhir_adapter.deid.formats import er7, fhir, plain
from fhir_adapter.deid.formats.fhir.types import Node
from fhir_adapter.deid.identity import identity_of
from fhir_adapter.issues import Issue
from fhir_adapter.model.report import Report
from fhir_adapter.model.safe import Mode
from fhir_adapter.settings import Settings
from fhir_adapter.tables import Tables


def scrub_message(opened: Any, *, reports: Sequence[Report], settings: Settings, tables: Tables,
                  document: Callable[[bytes, str], str] = unread,
                  tell: Callable[[Issue], None] = unheard) -> bytes:
    """The message in its own format without its people.

    `reports` is whom a reader found in it, one a patient, and `opened` what it made of it (`readers.Named`).

    `document` gives the words of a document of a media type, empty where they cannot be read: such a document is left
    out and `tell` hears of it (OUT-523), a readable one becomes its scrubbed words. All dates of a patient move by the
    same days as in `scrub`. In mode trusted nothing changes but that the message says so. Raises EngineError (OUT-520)
    if an identifier of the message is left in what would be given back; ConfigurationError without a key.
    """
    kind = reports[0].origin.format
    with identity_of(settings) as identity:
        made = disguises(reports, identity, settings, tables.deid, document, tell)
        if identity.mode is Mode.TRUSTED:
            return _marked(opened, kind, made[0])
        safe, before, after = _scrubbed(opened, kind, made)
        leaks = residue.leaks_of((before,), (report.patient.birth_date for report in reports), (d.days for d in made))
        residue.check((after, *made[0].encoded), made[0].identifiers, tables.deid, leaks)
        return safe


def _scrubbed(opened: Any, kind: str, made: Sequence[Disguise]) -> tuple[bytes, str, str]:
    """The safe message, and all its words before and after."""
    if kind == "hl7v2":
        safe = er7.scrub(opened, made)
        return safe.encode(), er7.text(opened), er7.text(safe)
    if kind == "dicom":
        from fhir_adapter.deid.formats import dicom

        return dicom.scrub(opened, made[0])
    if kind == "text":
        text = made[0].clean(opened).text
        return text.encode(), opened, text
    before = "\n".join(residue.strings(opened))
    after = _json(fhir.scrub(opened, made) if kind == "fhir" else plain.scrub(opened, made[0]))
    return after.encode(), before, after


def _marked(opened: Any, kind: str, disguise: Disguise) -> bytes:
    if kind == "hl7v2":
        return er7.marked(opened, disguise).encode()
    if kind == "dicom":
        from fhir_adapter.deid.formats import dicom

        return dicom.marked(opened, disguise)
    if kind == "text":
        return str(opened).encode()
    return _json(fhir.marked(opened) if kind == "fhir" else plain.marked(opened, disguise)).encode()


def _json(root: Node) -> str:
    return json.dumps(root, indent=2, ensure_ascii=False) + "\n"
