"""
A FHIR R4 input as radiology reports, one for each DiagnosticReport.

Bundles of every type are taken the same way: their DiagnosticReports are the reports, the rest is context. In a history
or a subscription notification the first version of a report in the Bundle is its newest (FHIR R4, 3.1.0.9), so later
ones of the same id are older and are left out.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from fhir_adapter.errors import NonconformantMessage, UnsupportedMessage
from fhir_adapter.issues import Issue
from fhir_adapter.model.code import Code
from fhir_adapter.model.report import Moment, Order, Origin, Patient, Report, ReportStatus, Sex, Study
from fhir_adapter.readers import Named, order
from fhir_adapter.readers.fhir import identifiers, text, versions
from fhir_adapter.readers.fhir.parse import Node, objects, parse, string
from fhir_adapter.readers.fhir.references import Index, Located, index
from fhir_adapter.settings import Settings
from fhir_adapter.tables import Tables
from fhir_adapter.tables.messages import MessageTables
from fhir_adapter.wire import frames

_LABORATORY = {"LAB", "CH", "HM", "MB", "LP29693-6", "LP7839-6", "PAT", "SP", "CP", "GE", "IMM", "BLB", "108252007",
               "laboratory"}
_READ = {"resourceType", "id", "meta", "text", "contained", "identifier", "status", "category", "code", "subject",
         "effectiveDateTime", "effectivePeriod", "issued", "basedOn", "performer", "resultsInterpreter", "result",
         "imagingStudy", "conclusion", "presentedForm"}


@dataclass(frozen=True, slots=True)
class FHIRReader:
    """Reads FHIR JSON; see `fhir_adapter.readers.Reader`."""

    name: str = "fhir"

    def detects(self, payload: bytes) -> bool:
        """Whether the bytes begin like JSON."""
        return frames.strip(payload)[:1] in (b"{", b"[")

    def read(self, payload: bytes, *, settings: Settings, tables: Tables) -> tuple[Report, ...]:
        """One report for each DiagnosticReport with text; a MessageError where there is none."""
        root = parse(payload, settings)
        versions.check(root, str(root["resourceType"]))
        if root["resourceType"] not in ("Bundle", "DiagnosticReport"):
            raise UnsupportedMessage(Issue.at("FHIR-202", string(root["resourceType"])))
        found = index(root)
        for located in found.resources:
            versions.check(located.resource, located.where)
            for contained in objects(located.resource.get("contained")):
                versions.check(contained, f"{located.where}.contained")
        return _reports(root, found, settings, tables.messages)

    def named(self, payload: bytes, *, settings: Settings, tables: Tables) -> Named:  # noqa: ARG002 - the protocol's
        """Whom any resource or Bundle names: identifiers, each Patient, the day of its first report."""
        root = parse(payload, settings)
        versions.check(root, str(root["resourceType"]))
        found = index(root)
        patients = [located.resource for located in found.of("Patient")]
        report = next(found.of("DiagnosticReport"), None)
        subject = report.resource.get("subject") if report else None
        key = string(subject.get("reference")).split("/")[-1] if isinstance(subject, dict) else ""
        if not patients and report is not None and (held := found.follow(subject, report)) is not None:
            patients = [held.resource]  # contained
        service = _moment(report.resource.get("effectiveDateTime"), report.where, []) if report else None
        one = Report(text="", origin=Origin(format="fhir", version="R4", identity=string(root.get("id"))),
                     service=service, identifiers=identifiers.collect(found))
        return Named(tuple(replace(one, patient=_patient(patient, key)) for patient in patients or [{}]), root)

    def validate(self, payload: bytes, *, settings: Settings, tables: Tables) -> tuple[Issue, ...]:  # noqa: ARG002 - the protocol of readers
        """What fhir.resources' models and our own checks say against the input; no table is needed."""
        from fhir_adapter.readers.fhir import conformance

        root = parse(payload, settings)
        versions.check(root, str(root["resourceType"]))
        return conformance.judge(root)


READER = FHIRReader()


def _reports(root: Node, found: Index, settings: Settings, tables: MessageTables) -> tuple[Report, ...]:
    known = identifiers.collect(found)
    seen: set[str] = set()
    reports, refusals = [], []
    for located in found.of("DiagnosticReport"):
        key = f"{located.resource.get('id')}"
        if located.resource.get("id") and key in seen:
            continue
        seen.add(key)
        if _is_laboratory(located.resource):
            refusals.append(Issue.at("FHIR-215", f"{located.where}.category"))
            continue
        words, paragraphs, issues = text.collect(located, found, settings=settings, tables=tables)
        if not words.strip():
            refusals += [*issues, Issue.at("FHIR-204", located.where)]
            continue
        report = _report(root, located, found, tables)
        reports.append(replace(report, text=words, paragraphs=paragraphs, identifiers=known,
                               issues=report.issues + issues))
    if not reports and not refusals:
        raise UnsupportedMessage(Issue.at("FHIR-203", "Bundle.entry"))
    if not reports:
        refused = UnsupportedMessage if any(i.code == "FHIR-215" for i in refusals) else NonconformantMessage
        raise refused(*refusals)
    return tuple(reports)


def _codings(concept: object) -> Iterator[Node]:
    for one in objects(concept):
        yield from objects(one.get("coding"))


def _is_laboratory(resource: Node) -> bool:
    codes = {string(coding.get("code")) for coding in _codings(resource.get("category"))}
    return bool(codes & _LABORATORY) and "RAD" not in codes


def _report(root: Node, located: Located, found: Index, tables: MessageTables) -> Report:
    resource, issues = located.resource, list[Issue]()

    def follow(element: str) -> Iterator[Located]:
        for number, reference in enumerate(objects(resource.get(element))):
            target = found.follow(reference, located)
            if target is not None:
                yield target
            elif string(reference.get("reference")):
                issues.append(Issue.at("FHIR-209", f"{located.where}.{element}[{number}]"))

    status_word = string(resource.get("status"))
    status = next((s for s in ReportStatus if s.value == status_word), ReportStatus.UNKNOWN)
    if status.value != status_word:
        issues.append(Issue.at("FHIR-216", f"{located.where}.status"))
    patient = next(follow("subject"), None)
    requests = [t for t in follow("basedOn") if t.resource.get("resourceType") == "ServiceRequest"]
    studies = [t for t in follow("imagingStudy") if t.resource.get("resourceType") == "ImagingStudy"]
    study = _study(studies, requests)
    identifier = next((string(i.get("value")) for i in objects(resource.get("identifier")) if i.get("value")), "")
    effective: Any = resource.get("effectiveDateTime") or (
        resource["effectivePeriod"].get("start") if isinstance(resource.get("effectivePeriod"), dict) else None)
    service, issued = (_moment(value, f"{located.where}.{element}", issues)
                       for value, element in ((effective, "effective"), (resource.get("issued"), "issued")))
    subject = resource.get("subject")
    subject_key = string(subject.get("reference")).split("/")[-1] if isinstance(subject, dict) else ""
    return Report(
        text=" ",
        origin=Origin(format="fhir", version="R4", message_id=string(root.get("id")),
                      identity=identifier or string(resource.get("id")) or study.accession or string(root.get("id"))),
        status=status,
        patient=_patient(patient.resource if patient else {}, subject_key),
        order=_order(resource, requests, study, tables),
        study=study,
        service=service or study.started or issued,
        issued=issued,
        unused=tuple(f"{located.where}.{element}" for element in resource if element not in _READ),
        issues=tuple(issues),
    )


def _patient(resource: Node, subject_key: str) -> Patient:
    identifiers_ = objects(resource.get("identifier"))
    ranked = sorted(identifiers_, key=lambda i: "MR" not in {string(c.get("code")) for c in _codings(i.get("type"))})
    key = next((f"{string(i.get('value'))}|{string(i.get('system'))}" for i in ranked if i.get("value")), "")
    gender = string(resource.get("gender"))
    birth = _date(string(resource.get("birthDate")))
    return Patient(key=key or string(resource.get("id")) or subject_key, birth_date=birth,
                   sex=next((s for s in Sex if s.value == gender), Sex.UNKNOWN))


def _order(resource: Node, requests: list[Located], study: Study, tables: MessageTables) -> Order:
    source = requests[0].resource if requests else resource
    concept = source.get("code") if isinstance(source.get("code"), dict) else resource.get("code")
    concept = concept if isinstance(concept, dict) else {}
    coding = next(_codings(concept), {})
    words = string(concept.get("text")) or string(coding.get("display"))
    code = Code(system=string(coding.get("system")), code=string(coding.get("code")),
                display=string(coding.get("display"))) if string(coding.get("code")) else None
    # The report may be worded by the code of the examination where the order is by a local one.
    more = [string(c.get("display")) for c in _codings(resource.get("code"))]
    more += [string(site.get("text")) for site in objects(source.get("bodySite"))]
    more += [string(c.get("display")) for c in _codings(source.get("bodySite"))]
    said = order.describe(code=code, text=" ".join((words, *more)), modality=study.modality, tables=tables)
    reason = next((string(r.get("text")) for r in objects(source.get("reasonCode"))), "")
    numbers = [string(i.get("value")) for i in objects(source.get("identifier"))] if requests else []
    return replace(said, text=words, reason=reason, placer_number=(numbers or [""])[0])


def _study(studies: list[Located], requests: list[Located]) -> Study:
    uid = accession = modality = ""
    series: tuple[str, ...] = ()
    started: Moment | None = None
    for located in studies[:1]:
        resource = located.resource
        for identifier in objects(resource.get("identifier")):
            value = string(identifier.get("value"))
            if value.startswith("urn:oid:") or string(identifier.get("system")) == "urn:dicom:uid":
                uid = uid or value.removeprefix("urn:oid:")
            else:
                accession = accession or value
        modality = next((string(m.get("code")) for m in objects(resource.get("modality"))), "")
        inner = objects(resource.get("series"))
        series = tuple(string(s.get("uid")) for s in inner if s.get("uid"))
        modality = modality or next((string((s.get("modality") or {}).get("code")) for s in inner), "")
        started = _moment(resource.get("started"), "", [])
    for located in requests:
        for identifier in objects(located.resource.get("identifier")):
            if "ACSN" in {string(c.get("code")) for c in _codings(identifier.get("type"))}:
                accession = accession or string(identifier.get("value"))
    return Study(uid=uid, accession=accession, modality=modality, series=series, started=started)


_DATE = re.compile(r"\d{4}-\d\d-\d\d")
_DATETIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:\d\d)")


def _date(value: str) -> date | None:
    try:
        return date.fromisoformat(value) if _DATE.fullmatch(value) else None
    except ValueError:
        return None


def _moment(value: object, where: str, issues: list[Issue]) -> Moment | None:
    text_ = string(value)
    if not text_:
        return None
    if found := _date(text_):
        return found
    if _DATETIME.fullmatch(text_):
        try:
            return datetime.fromisoformat(text_)
        except ValueError:
            pass
    issues.append(Issue.at("FHIR-212", where))
    return None
