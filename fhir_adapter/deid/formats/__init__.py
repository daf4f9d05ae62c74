"""Messages back in their own format, without the person: ER7, FHIR JSON, DICOM, plain text."""

import json
from collections.abc import Sequence
from dataclasses import replace

from fhir_adapter.deid import residue
from fhir_adapter.deid.formats import descriptors, er7, fhir, plain
from fhir_adapter.deid.keys import keys_of
from fhir_adapter.deid.surrogates import Surrogates
from fhir_adapter.deid.text import Scrubbed, scrub_text
from fhir_adapter.model.report import Report
from fhir_adapter.settings import Settings
from fhir_adapter.tables import Tables
from fhir_adapter.wire import charsets, frames
from fhir_adapter.wire.er7 import parse


def scrub_message(payload: bytes, *, reports: Sequence[Report], settings: Settings, tables: Tables) -> bytes:
    """The message in its own format without the person; `reports` is what a reader made of it: what it names.

    All dates of the message move by the patient's days, the same as in `scrub`. Raises EngineError (OUT-520) if an
    identifier of the message is left in what would be given back; ConfigurationError without a key.
    """
    first, keys, surrogates = reports[0], keys_of(settings), Surrogates()
    patient = first.patient.key or first.origin.identity
    days, common = keys.shift(patient), tables.deid.common_words
    service = first.service
    near = getattr(service, "date", lambda: service)()

    def clean(text: str) -> Scrubbed:
        return scrub_text(text, first.identifiers, days=days, near=near, tables=tables.deid, surrogates=surrogates)

    disguise = er7.Disguise(keys=keys, tables=tables.deid, days=days, patient=patient, identifiers=first.identifiers,
                            clean=clean, known=descriptors.known_words(first.identifiers, common))
    if first.origin.format == "hl7v2":
        content, codec, _ = charsets.decode(frames.strip(payload))
        done = er7.scrub(parse(content, codec), disguise)
        safe = done.encode()
        text = safe.decode(codec)
    elif first.origin.format == "dicom":
        from fhir_adapter.deid.formats import dicom

        safe, text = dicom.scrub(payload, disguise)
    elif first.origin.format in ("fhir", "plain"):
        root = json.loads(payload.decode(json.detect_encoding(payload)).lstrip("\ufeff"))
        inner = fhir.scrub if first.origin.format == "fhir" else plain.scrub
        text = json.dumps(inner(root, disguise), indent=2, ensure_ascii=False) + "\n"
        safe = text.encode()
    else:
        text = clean(payload.decode("utf-8")).text
        safe = text.encode()
    residue.check((text,), tuple(replace(i, value=i.value.strip()) for i in first.identifiers),
                  first.patient.birth_date if days else None, common)
    return safe
