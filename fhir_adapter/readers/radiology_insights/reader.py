"""
A job of the Radiology Insights API as a report.

A job holds one patient with one document. The document's text is taken exactly as sent, `createdAt` is the time of the
examination, and the ordered procedures together are the order.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date
from zoneinfo import ZoneInfo

from fhir_adapter.errors import TooLargeMessage, UnreadableMessage, UnsupportedMessage
from fhir_adapter.issues import Issue
from fhir_adapter.model.code import Code
from fhir_adapter.model.inference import InferenceRequest
from fhir_adapter.model.report import (
    Identifier,
    IdentifierKind,
    IdentifierRole,
    Order,
    Origin,
    Paragraph,
    Patient,
    Report,
    ReportStatus,
    Sex,
)
from fhir_adapter.model.span import Span
from fhir_adapter.readers import Named, order
from fhir_adapter.readers.fhir import identifiers, parse
from fhir_adapter.readers.fhir.references import index
from fhir_adapter.readers.radiology_insights.elements import Element
from fhir_adapter.readers.radiology_insights.options import CURRENT, options
from fhir_adapter.settings import Settings
from fhir_adapter.tables import Tables
from fhir_adapter.wire import frames

FORMAT = "radiology-insights"
_TYPES = ("note", "fhirBundle", "dicom", "genomicSequencing")
_CLINICAL_TYPES = ("consultation", "dischargeSummary", "historyAndPhysical", "radiologyReport", "procedure", "progress",
                   "laboratory", "pathologyReport")
_CLASSES = ("inpatient", "ambulatory", "observation", "emergency", "virtual", "healthHome")
_SEXES = {"female": Sex.FEMALE, "male": Sex.MALE}


@dataclass(frozen=True, slots=True)
class JobReader:
    """Reads the body of a job; see `fhir_adapter.readers.Reader`."""

    name: str = FORMAT

    def detects(self, payload: bytes) -> bool:
        """Whether the bytes begin like a job."""
        beginning = frames.strip(payload)[:200]
        return beginning[:1] == b"{" and b'"jobData"' in beginning and b'"resourceType"' not in beginning

    def read(self, payload: bytes, *, settings: Settings, tables: Tables) -> tuple[Report, ...]:
        """The job's one report."""
        return (request(payload, settings=settings, tables=tables).report,)

    def named(self, payload: bytes, *, settings: Settings, tables: Tables) -> Named:  # noqa: ARG002
        """A job is asked and answered; it is not scrubbed, so this refuses it."""
        raise UnsupportedMessage(Issue.at("API-910"))

    def validate(self, payload: bytes, *, settings: Settings, tables: Tables) -> tuple[Issue, ...]:
        """All that a client has to mend in the job."""
        try:
            request(payload, settings=settings, tables=tables)
        except UnreadableMessage as error:
            return error.issues
        return ()


READER = JobReader()


def request(payload: bytes, *, settings: Settings, tables: Tables, version: str = CURRENT) -> InferenceRequest:
    """The job that a body asks for, by the contract of `version`.

    Raises UnreadableMessage (API-9xx) with everything that is wrong, or TooLargeMessage (FHIR-210, FHIR-211, API-911).
    """
    try:
        root = parse.document(payload, settings)
    except UnreadableMessage:
        raise UnreadableMessage(Issue.at("API-900")) from None
    issues: list[Issue] = []
    data = Element(root, "", issues)["jobData"].required().record()
    patient = _only(data["patients"])
    details = patient["details"].record()
    document = _only(patient["patientDocuments"])
    asked = InferenceRequest(
        report=_report(patient, details, document, settings, tables),
        patient_id=patient["id"].required().text(), document_id=document["id"].required().text(),
        options=options(data["configuration"], version))
    _check(patient, document)
    if issues:
        raise UnreadableMessage(*dict.fromkeys(issues))
    if len(asked.report.text) > settings.max_text_characters:
        raise TooLargeMessage(Issue.at("API-911", document["content"]["value"].path))
    return asked


def _only(several: Element) -> Element:
    """The one element of a list that may hold no other number."""
    found = list(several.required().items())
    if several.there and len(found) != 1:
        several.wrong("API-904")
    return (found[0] if found else Element(None, f"{several.path}[0]", [])).record()


def _check(patient: Element, document: Element) -> None:
    """Note what is not used, but must be right all the same, and what is not taken."""
    encounters = list(patient["encounters"].items())
    if len(encounters) > 1:
        patient["encounters"].wrong("API-904")
    for encounter in encounters:
        encounter.record()["id"].required().text()
        encounter["class"].choice(_CLASSES)
        for end in ("start", "end"):
            encounter["period"].record()[end].moment()
    if document["type"].required().choice(_TYPES) not in ("note", ""):
        document["type"].wrong("API-905")
    if document["content"].record()["sourceType"].required().choice(("inline", "reference")) == "reference":
        document["content"]["sourceType"].wrong("API-905")
    language = document["language"].text()
    if language and language.lower().split("-")[0] != "en":
        document["language"].wrong("API-905")
    document["clinicalType"].choice(_CLINICAL_TYPES)
    document["specialtyType"].choice(("radiology", "pathology"))
    if not document["content"]["value"].text().strip():
        document["content"]["value"].wrong("API-901")


def _report(patient: Element, details: Element, document: Element, settings: Settings, tables: Tables) -> Report:
    content = document["content"].required()["value"]
    text, key = content.text(), patient["id"].text()
    zone = ZoneInfo(settings.timezone)
    sex = _SEXES.get(details["sex"].choice((*_SEXES, "unspecified")), Sex.UNKNOWN)
    born = details["birthDate"].day()
    return Report(
        text=text, origin=Origin(format=FORMAT, identity=f"{key}/{document['id'].text()}"), status=ReportStatus.UNKNOWN,
        patient=Patient(key=key, sex=sex, birth_date=born), order=_order(document["administrativeMetadata"], tables),
        service=document["createdAt"].moment(zone),
        paragraphs=(Paragraph(span=Span(0, len(text)), source=content.path),),
        identifiers=tuple(_identifiers(patient, details, document, born)))


def _order(metadata: Element, tables: Tables) -> Order:
    """All ordered procedures as one order: the words of all, the code of the first that has one."""
    codes: list[Code] = []
    words: list[str] = []
    told = metadata.record()
    told["encounterId"].text()
    for procedure in told["orderedProcedures"].items():
        words.append(procedure.record()["description"].text().strip())
        for coding in procedure["code"].record()["coding"].items():
            code, display = coding.record()["code"].text().strip(), coding["display"].text().strip()
            words.append(display)
            if code:
                codes.append(Code(system=coding["system"].text().strip(), code=code, display=display))
        words.append(procedure["code"]["text"].text().strip())
    different: dict[str, str] = {}
    for word in filter(None, words):
        different.setdefault(word.lower(), word)
    text = "; ".join(different.values())
    return replace(order.describe(code=codes[0] if codes else None, text=text, modality="", tables=tables.messages),
                   text=text)


def _identifiers(patient: Element, details: Element, document: Element, born: date | None) -> Iterator[Identifier]:
    """Who and what the request names, so that it is found in the text too."""
    if key := patient["id"].text():
        yield Identifier(kind=IdentifierKind.ID, role=IdentifierRole.PATIENT, value=key, where=patient["id"].path)
    if born:
        yield Identifier(kind=IdentifierKind.DATE, role=IdentifierRole.PATIENT, value=born.isoformat(),
                         where=details["birthDate"].path)
    for encounter in patient["encounters"].items():
        if value := encounter["id"].text():
            yield Identifier(kind=IdentifierKind.ID, role=IdentifierRole.REQUEST, value=value,
                             where=encounter["id"].path)
    for author in document["authors"].items():
        author.record()["id"].text()
        if name := author["fullName"].text():
            yield identifiers.named(name, IdentifierRole.CLINICIAN, author["fullName"].path)
    told = [item.record().value for item in details["clinicalInfo"].items()]
    entries = [{"resource": resource} for resource in told if isinstance(resource, dict)]
    yield from identifiers.collect(index({"resourceType": "Bundle", "entry": entries}))

