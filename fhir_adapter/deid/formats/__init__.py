"""Messages back in their own format, without the person: ER7, FHIR JSON, DICOM, plain text."""

import json
from collections.abc import Callable, Sequence

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
from fhir_adapter.wire import charsets, frames
from fhir_adapter.wire.er7 import parse


def scrub_message(payload: bytes, *, reports: Sequence[Report], settings: Settings, tables: Tables,
                  document: Callable[[bytes, str], str] = unread,
                  tell: Callable[[Issue], None] = unheard) -> bytes:
    """The message in its own format without its people; `reports` is whom a reader found in it, one a patient.

    `document` gives the words of a document of a media type, empty where they cannot be read: such a document is left
    out and `tell` hears of it (OUT-523), a readable one becomes its scrubbed words. All dates of a patient move by the
    same days as in `scrub`. In mode trusted nothing changes but that the message says so. Raises EngineError (OUT-520)
    if an identifier of the message is left in what would be given back; ConfigurationError without a key.
    """
    kind = reports[0].origin.format
    with identity_of(settings) as identity:
        made = disguises(reports, identity, settings, tables.deid, document, tell)
        if identity.mode is Mode.TRUSTED:
            return _marked(payload, kind, made[0])
        safe, before, after = _scrubbed(payload, kind, made)
        leaks = residue.leaks_of((before,), (report.patient.birth_date for report in reports), (d.days for d in made))
        residue.check((after, *made[0].encoded), made[0].identifiers, tables.deid, leaks)
        return safe


def _scrubbed(payload: bytes, kind: str, made: Sequence[Disguise]) -> tuple[bytes, str, str]:
    """The safe message, and all the text before and after."""
    if kind == "hl7v2":
        content, codec, _ = charsets.decode(frames.strip(payload))
        safe = er7.scrub(parse(content, codec), made).encode()
        return safe, content, safe.decode(codec)
    if kind == "dicom":
        from fhir_adapter.deid.formats import dicom

        return dicom.scrub(payload, made[0])
    before = payload.decode(json.detect_encoding(payload)) if kind in ("fhir", "plain") else payload.decode("utf-8")
    if kind == "fhir":
        text = _json(fhir.scrub(_root(payload), made))
    elif kind == "plain":
        text = _json(plain.scrub(_root(payload), made[0]))
    else:
        text = made[0].clean(before).text
    return text.encode(), before, text


def _marked(payload: bytes, kind: str, disguise: Disguise) -> bytes:
    if kind == "hl7v2":
        content, codec, _ = charsets.decode(frames.strip(payload))
        return er7.marked(parse(content, codec), disguise).encode()
    if kind == "dicom":
        from fhir_adapter.deid.formats import dicom

        return dicom.marked(payload, disguise)
    if kind == "fhir":
        return _json(fhir.marked(_root(payload))).encode()
    return _json(plain.marked(_root(payload), disguise)).encode() if kind == "plain" else payload


def _root(payload: bytes) -> Node:
    root: Node = json.loads(payload.decode(json.detect_encoding(payload)).lstrip("\ufeff"))
    return root


def _json(root: Node) -> str:
    return json.dumps(root, indent=2, ensure_ascii=False) + "\n"
