"""
A report as plain words, with what its sender knows of patient and order: a JSON object of our own.

For programs that have the words of a report but no message yet: a reporting system while the radiologist dictates, an
archive exported to NDJSON. `FIELDS` says what may stand in it; only `text` must. Field names that are not there are
refused, because a misspelt one would be left out in silence.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime
from hashlib import sha256
from typing import Any

from fhir_adapter.errors import NonconformantMessage, TooLargeMessage
from fhir_adapter.issues import Issue
from fhir_adapter.model.code import Code
from fhir_adapter.model.report import (
    Age,
    Identifier,
    IdentifierKind,
    IdentifierRole,
    Moment,
    Origin,
    Paragraph,
    Patient,
    Report,
    ReportStatus,
    Sex,
    Study,
)
from fhir_adapter.model.span import Span
from fhir_adapter.readers import Named, order
from fhir_adapter.readers.fhir.parse import Node, document
from fhir_adapter.settings import Settings
from fhir_adapter.tables import Tables
from fhir_adapter.wire import frames


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """A field that may stand in the object: what it holds, the pattern or values that it must have, its sentence."""

    about: str
    kind: type = str
    values: tuple[str, ...] = ()
    pattern: str = ""


_DAY = r"\d{4}-\d\d-\d\d"
_MOMENT = rf"{_DAY}(T\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:\d\d))?"
FIELDS: dict[str, Field] = {
    "text": Field(about="The words of the report. Must be there."),
    "id": Field(about="What stays the same when the report is sent again; without it the accession number, else the "
                "words themselves."),
    "status": Field(about="FHIR diagnostic-report-status; preliminary where it is missing.",
                    values=tuple(s.value for s in ReportStatus)),
    "service": Field(about="When the examination took place: a day, or a time with its offset.", pattern=_MOMENT),
    "issued": Field(about="When this version was issued.", pattern=_MOMENT),
    "names": Field(about="Other names that may stand in the text, such as the referring physician's.", kind=list),
    "deidentified": Field(about="How far it was de-identified, as `scrub` writes it; taken and not used."),
    "patient.id": Field(about="The patient's number: keeps one patient's dates and pseudonym together."),
    "patient.name": Field(about="The patient's name, to be hidden in the text."),
    "patient.sex": Field(about="FHIR administrative-gender.", values=tuple(s.value for s in Sex)),
    "patient.birthDate": Field(about="A day.", pattern=_DAY),
    "patient.age": Field(about="Completed years at the examination, where no birth date is given.", kind=int),
    "order.text": Field(about="The name of the ordered procedure, as CT CHEST WITH CONTRAST."),
    "order.code": Field(about="Its code."),
    "order.system": Field(about="The URI of the system of that code."),
    "order.modality": Field(about="DICOM modality, as CT."),
    "order.reason": Field(about="Why it was ordered."),
    "order.number": Field(about="The order's number."),
    "study.uid": Field(about="Study Instance UID."),
    "study.accession": Field(about="Accession number."),
}
_GROUPS = tuple(dict.fromkeys(name.partition(".")[0] for name in FIELDS if "." in name))


@dataclass(frozen=True, slots=True)
class PlainReader:
    """Reads our JSON object; see `fhir_adapter.readers.Reader`."""

    name: str = "plain"

    def detects(self, payload: bytes) -> bool:
        """Whether the bytes begin like a JSON object that has a `text` and is no FHIR resource."""
        return (frames.strip(payload)[:1] == b"{" and b'"resourceType"' not in payload
                and re.search(rb'"text"\s*:', payload) is not None)

    def read(self, payload: bytes, *, settings: Settings, tables: Tables) -> tuple[Report, ...]:
        """The one report."""
        given = opened(payload, settings)
        text = given["text"].replace("\r\n", "\n").replace("\r", "\n")
        if not text.strip():
            raise NonconformantMessage(Issue.at("TXT-800", "text"))
        if len(text) > settings.max_text_characters:
            raise TooLargeMessage(Issue.at("TXT-803", "text"))
        modality = given.get("order.modality", "")
        code = Code(system=given.get("order.system", ""), code=given["order.code"],
                    display=given.get("order.text", "")) if given.get("order.code") else None
        ordered = replace(order.describe(code=code, text=given.get("order.text", ""), modality=modality,
                                         tables=tables.messages),
                          reason=given.get("order.reason", ""), placer_number=given.get("order.number", ""))
        named = _named(given, text)
        return (replace(named, text=text, order=ordered, study=replace(named.study, modality=ordered.modality),
                        paragraphs=(Paragraph(span=Span(0, len(text)), source="text"),)),)

    def named(self, payload: bytes, *, settings: Settings, tables: Tables) -> Named:  # noqa: ARG002 - the protocol's
        """Whom the object names; the text is empty."""
        given = opened(payload, settings)
        return Named((_named(given, given["text"]),), document(payload, settings))

    def validate(self, payload: bytes, *, settings: Settings, tables: Tables) -> tuple[Issue, ...]:  # noqa: ARG002
        """Nothing beyond what reading refuses."""
        opened(payload, settings)
        return ()


READER = PlainReader()


def opened(payload: bytes, settings: Settings) -> dict[str, Any]:
    """The fields by their dotted names, all judged; NonconformantMessage (TXT-800 to TXT-802) with each place."""
    root = document(payload, settings)
    given: dict[str, Any] = {}
    issues = list(_flatten(root, given))
    if "text" not in given and not issues:
        issues.append(Issue.at("TXT-800", "text"))
    if issues:
        raise NonconformantMessage(*issues)
    return given


def _flatten(root: Node, given: dict[str, Any]) -> Iterator[Issue]:
    for name, value in root.items():
        if name in _GROUPS and isinstance(value, dict):
            for inner, one in value.items():
                yield from _take(f"{name}.{inner}", one, name, given)
        else:
            yield from _take(name, value, "", given)


def _take(name: str, value: object, group: str, given: dict[str, Any]) -> Iterator[Issue]:
    field = FIELDS.get(name)
    if field is None:
        # The name itself came from outside and is not told.
        yield Issue.at("TXT-802", name) if name in _GROUPS else Issue.at("TXT-801", group)
    elif value is None:
        return
    elif not _fits(field, value):
        yield Issue.at("TXT-802", name)
    else:
        given[name] = value


def _fits(field: Field, value: object) -> bool:
    if type(value) is not field.kind:
        return False
    if isinstance(value, list):
        return all(isinstance(one, str) for one in value)
    if isinstance(value, int):
        return 0 <= value <= 150
    if field.values and value not in field.values:
        return False
    return not field.pattern or (re.fullmatch(field.pattern, str(value)) is not None
                                 and _moment(str(value)) is not None)


def _moment(value: str) -> Moment | None:
    try:
        return datetime.fromisoformat(value) if "T" in value else date.fromisoformat(value)
    except ValueError:
        return None


def _named(given: dict[str, Any], text: str) -> Report:
    accession, number = given.get("study.accession", ""), given.get("patient.id", "")
    birth = _moment(given.get("patient.birthDate", ""))
    age = given.get("patient.age")
    service, issued = (_moment(given.get(name, "")) for name in ("service", "issued"))
    identity = given.get("id") or accession or sha256(text.encode()).hexdigest()
    return Report(
        text="", origin=Origin(format="plain", message_id=given.get("id", ""), identity=identity),
        status=ReportStatus(given.get("status", ReportStatus.PRELIMINARY)),
        patient=Patient(key=number, sex=Sex(given.get("patient.sex", Sex.UNKNOWN)), birth_date=birth,
                        age=Age(value=age) if age is not None else None),
        study=Study(uid=given.get("study.uid", ""), accession=accession, started=service),
        service=service or issued, issued=issued, identifiers=tuple(_identifiers(given)))


def _identifiers(given: dict[str, Any]) -> Iterator[Identifier]:
    for place, kind, role in (("patient.id", IdentifierKind.ID, IdentifierRole.PATIENT),
                              ("order.number", IdentifierKind.ID, IdentifierRole.REQUEST),
                              ("study.accession", IdentifierKind.ACCESSION, IdentifierRole.REQUEST),
                              ("study.uid", IdentifierKind.UID, IdentifierRole.REQUEST)):
        if given.get(place):
            yield Identifier(kind=kind, role=role, value=given[place], where=place)
    named = [(given.get("patient.name", ""), IdentifierRole.PATIENT, "patient.name")]
    named += [(one, IdentifierRole.CLINICIAN, f"names[{n}]") for n, one in enumerate(given.get("names", ()))]
    for name, role, place in named:
        if parts := _parts(name):
            yield Identifier(kind=IdentifierKind.NAME, role=role, value=" ".join(v for _, v in parts), where=place,
                             parts=parts)


def _parts(name: str) -> tuple[tuple[str, str], ...]:
    """`Family, Given Middle` or `Given Middle Family`."""
    family, comma, rest = name.partition(",")
    words = name.split() if not comma else [*rest.split(), *family.split()]
    last = len(words) - 1
    return tuple(("family" if n == last else "given" if n == 0 else "middle", word) for n, word in enumerate(words))
