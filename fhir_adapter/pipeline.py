"""
The whole story: bytes in, what they mean out.

Every entrance (command line, HTTP, tests) calls `convert`; none adds meaning of its own. `scrub` is the first half
alone, back in the sender's format.
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import replace

from fhir_adapter import deid, emitters, insights, readers
from fhir_adapter.errors import MessageError, UnreadableMessage
from fhir_adapter.issues import Issue
from fhir_adapter.model.insight import Outcome
from fhir_adapter.model.report import Origin, Patient, Report
from fhir_adapter.model.safe import Mode
from fhir_adapter.nlp.engine import Engine
from fhir_adapter.readers import documents
from fhir_adapter.readers import lines as ndjson
from fhir_adapter.settings import Settings
from fhir_adapter.tables import Tables
from fhir_adapter.wire import frames


def convert(payload: bytes, *, settings: Settings, tables: Tables, engine: Engine) -> tuple[Outcome, ...]:
    """Turn one message into resources, report by report, and say everything that went wrong.

    A message that cannot be taken raises a MessageError; a batch file is split by `readers.split` beforehand.
    """
    reports = readers.choose(payload).read(payload, settings=settings, tables=tables)
    return tuple(understand(report, settings=settings, tables=tables, engine=engine) for report in reports)


def understand(report: Report, *, settings: Settings, tables: Tables, engine: Engine) -> Outcome:
    """Take one report through the waist: hide who it is about, read it, judge it, say it in FHIR."""
    safe = deid.scrub(report, settings=settings, tables=tables)
    reading = engine.read(safe)
    found = insights.run(reading, tables=tables, chosen=settings.detectors)
    resources = emitters.bundle(safe, found, tables=tables, engine=engine.name)
    if safe.mode is not Mode.TRUSTED:
        deid.check_bundle(dict(resources.bundle), report, tables.deid)

    return Outcome(report=report, reading=reading, insights=found, resources=resources,
                   issues=safe.issues + reading.issues + resources.issues)


def _unheard(_issue: Issue) -> None:
    """No one listens."""


def scrub(payload: bytes, *, settings: Settings, tables: Tables, tell: Callable[[Issue], None] = _unheard,
          people: Mapping[str, bytes] | None = None) -> bytes:
    """The same message in the same format without the person, or all of a batch; `tell` hears what was left out.

    `people` are those whom the other files of a bulk export describe, as `readers.lines.people` finds them: who is
    referred to there has the same days and names here.
    """
    if frames.is_envelope(payload):
        pieces = readers.pieces(payload)
        if len(pieces) > 1:
            return b"".join(scrub(piece, settings=settings, tables=tables, tell=tell) for piece in pieces)
        return deid.scrub_envelope(payload, reports=(), settings=settings, tables=tables)
    lines = ndjson.lines_of(payload) or ((payload,) if people else ())
    if lines:
        return _scrub_lines(lines, people or {}, settings=settings, tables=tables, tell=tell)
    named = readers.choose(payload).named(payload, settings=settings, tables=tables)
    def document(content: bytes, media: str) -> str:
        try:
            return documents.text_of(content, media, max_bytes=settings.max_document_bytes)
        except MessageError:
            return ""

    return deid.scrub_message(named.opened, reports=named.reports, settings=settings, tables=tables, document=document,
                              tell=tell)


def _scrub_lines(lines: tuple[bytes, ...], people: Mapping[str, bytes], *, settings: Settings, tables: Tables,
                 tell: Callable[[Issue], None]) -> bytes:
    """NDJSON: the resources of one patient, from whichever lines and files, have the same days and pseudonyms."""
    beside = ndjson.referred(lines, people)
    if bundle := ndjson.as_bundle((*lines, *beside)):
        return ndjson.of_bundle(scrub(bundle, settings=settings, tables=tables, tell=tell),
                                without=slice(len(lines), len(lines) + len(beside)))
    return b"".join(ndjson.one_line(json.loads(scrub(line, settings=settings, tables=tables, tell=tell)))
                    for line in lines)


def scrub_words(payload: bytes, *, patient: str, settings: Settings, tables: Tables) -> bytes:
    """Plain text (UTF-8) without the person; `patient` is the number that decides by how many days its dates move."""
    named = words_of(payload, patient=patient)
    return deid.scrub_message(named.text, reports=(replace(named, text=""),), settings=settings, tables=tables)


def words_of(payload: bytes, *, patient: str) -> Report:
    """Plain text (UTF-8) as a report of the patient with this number; UnreadableMessage (HL7-119) for other bytes."""
    try:
        text = payload.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise UnreadableMessage(Issue.at("HL7-119")) from None
    return Report(text=text, origin=Origin(format="text", identity=text), patient=Patient(key=patient))
