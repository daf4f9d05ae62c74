"""What the insights hang on: report, patient, order and study, all behind pseudonyms."""

import base64
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache

from fhir_adapter.emitters.elements import Part, Resource, coding, concept, date_time, instant, reference
from fhir_adapter.emitters.identity import identity
from fhir_adapter.model.code import DICOM, Code
from fhir_adapter.model.report import JSON, ReportStatus
from fhir_adapter.model.safe import Mode, SafeReport
from fhir_adapter.tables.emission import EmissionTables

_V2_0203 = "http://terminology.hl7.org/CodeSystem/v2-0203"


@dataclass(frozen=True, slots=True, kw_only=True)
class Subjects:
    """The ids of the resources that others refer to, and what all say of one report; empty where there is none.

    `effective` is when the examination was, `authored` when the report was issued or else the same, both as a dateTime;
    `issued` is an instant.
    """

    report: str
    patient: str
    order: str
    study: str
    meta: Resource
    effective: str
    authored: str
    issued: str


def subjects(safe: SafeReport, tables: EmissionTables) -> Subjects:
    """Both for one report. Patient, order and study are the same over all their reports."""
    order, study = safe.order, safe.study
    number = order.placer_number or order.filler_number
    return Subjects(
        report=identity("DiagnosticReport", safe.pseudonym),
        patient=identity("Patient", safe.patient.pseudonym),
        order=identity("ServiceRequest", number or safe.pseudonym) if number or order.code or order.text else "",
        study=identity("ImagingStudy", study.uid or study.accession) if study.uid or study.accession else "",
        meta=_meta(safe, tables), effective=effective(safe),
        authored=date_time(safe.issued) if safe.issued else effective(safe),
        issued=instant(safe.issued) if safe.issued else "")


def _meta(safe: SafeReport, tables: EmissionTables) -> Resource:
    """The security label of the mode in force: pseudonymised, anonymised, or for mode trusted a tag that says so."""
    mode = safe.mode
    kind = "tag" if mode is Mode.TRUSTED else "security"
    label = tables.codes[kind, mode.value]
    return _labelled(kind, label.system, label.code, label.display)


@lru_cache(16)
def _labelled(kind: str, system: str, code: str, display: str) -> Part:
    return Part({kind: [coding(Code(system=system, code=code, display=display))]})


def effective(safe: SafeReport) -> str:
    """When the examination was, as a FHIR dateTime: to the second or the day, the year where only that may be told."""
    return date_time(safe.service) if safe.service else str(safe.year or "")


def diagnostic_report(safe: SafeReport, ids: Subjects, results: list[str], tables: EmissionTables) -> Resource:
    """The report itself with its de-identified text; `results` are the ids of its Observations."""
    codes = tables.codes
    out: Resource = {
        "resourceType": "DiagnosticReport", "id": ids.report, "meta": ids.meta, "status": safe.status.value,
        "category": [concept(codes["category", "procedure"]), concept(codes["category", "radiology"])],
        "code": _procedure(safe, tables), "subject": reference("Patient", ids.patient)}
    if ids.order:
        out["basedOn"] = [reference("ServiceRequest", ids.order)]
    if ids.effective:
        out["effectiveDateTime"] = ids.effective
    if isinstance(safe.issued, datetime):
        out["issued"] = ids.issued
    if ids.study:
        out["imagingStudy"] = [reference("ImagingStudy", ids.study)]
    if results:
        out["result"] = [reference("Observation", one) for one in results]
    if safe.text:
        out["presentedForm"] = [{"contentType": "text/plain; charset=utf-8",
                                 "data": base64.b64encode(safe.text.encode()).decode()}]
    return out


def _procedure(safe: SafeReport, tables: EmissionTables) -> Resource:
    if safe.order.code or safe.order.text.strip():
        return concept(*([safe.order.code] if safe.order.code else []), text=safe.order.text)
    return concept(tables.codes["document", "report"])


def patient(safe: SafeReport, ids: Subjects) -> Resource:
    """The patient: a pseudonym and the sex; age and birth date stay out, the report's date is shifted.

    In mode trusted the pseudonym is the patient's own number with its issuer.
    """
    number, _, issuer = safe.patient.pseudonym.partition("|")
    identifier: Resource = {"value": number}
    if issuer:
        identifier["assigner"] = {"display": issuer}
    return {"resourceType": "Patient", "id": ids.patient, "meta": ids.meta,
            "identifier": [identifier], "gender": safe.patient.sex.value}


def order(safe: SafeReport, ids: Subjects, tables: EmissionTables) -> Resource:
    """The order that the report answers."""
    numbers: list[JSON] = [
        {"type": concept(Code(system=_V2_0203, code=kind)), "value": value}
        for kind, value in (("PLAC", safe.order.placer_number), ("FILL", safe.order.filler_number)) if value]
    done = safe.status not in (ReportStatus.REGISTERED, ReportStatus.PARTIAL, ReportStatus.PRELIMINARY)
    out: Resource = {"resourceType": "ServiceRequest", "id": ids.order, "meta": ids.meta}
    if numbers:
        out["identifier"] = numbers
    out |= {"status": "completed" if done else "active", "intent": "order", "code": _procedure(safe, tables),
            "subject": reference("Patient", ids.patient)}
    if safe.order.reason.strip():
        out["reasonCode"] = [concept(text=safe.order.reason)]
    return out


def imaging_study(safe: SafeReport, ids: Subjects) -> Resource:
    """The study, by its UID and accession number behind pseudonyms."""
    study = safe.study
    identifiers: list[JSON] = []
    if study.uid:
        identifiers.append({"system": "urn:dicom:uid", "value": f"urn:oid:{study.uid}"})
    if study.accession:
        identifiers.append({"type": concept(Code(system=_V2_0203, code="ACSN")), "value": study.accession})
    out: Resource = {"resourceType": "ImagingStudy", "id": ids.study, "meta": ids.meta,
                     "identifier": identifiers, "status": "available"}
    if study.modality:
        out["modality"] = [coding(Code(system=DICOM, code=study.modality))]
    out["subject"] = reference("Patient", ids.patient)
    if study.started:
        out["started"] = date_time(study.started)
    if ids.order:
        out["basedOn"] = [reference("ServiceRequest", ids.order)]
    return out
