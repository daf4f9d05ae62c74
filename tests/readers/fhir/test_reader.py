"""FHIR R4 input as radiology reports."""

import base64
import json

import pytest

from fhir_adapter import readers
from fhir_adapter.model.report import IdentifierKind, ReportStatus, Sex

PATIENT = {"resourceType": "Patient", "id": "p", "gender": "female", "birthDate": "1969-04-30",
           "identifier": [{"value": "FB1"}], "name": [{"family": "Balderdash", "given": ["Clementina"]}]}
REPORT = {"resourceType": "DiagnosticReport", "id": "d", "status": "final", "code": {"text": "CT chest left"},
          "subject": {"reference": "Patient/p"}, "effectiveDateTime": "2026-05-06"}


@pytest.fixture
def read(settings, tables):
    """Reads a resource."""

    def read(resource):
        payload = json.dumps(resource).encode()
        return readers.choose(payload).read(payload, settings=settings, tables=tables)

    return read


def bundle(kind: str, *resources: dict) -> dict:
    """A bundle of one type with absolute addresses."""
    return {"resourceType": "Bundle", "type": kind, "entry": [
        {"fullUrl": f"https://fhir.example.org/{r['resourceType']}/{r['id']}", "resource": r} for r in resources]}


def form(media: str, content: str) -> dict:
    """A report whose text is an attachment."""
    return REPORT | {"presentedForm": [{"contentType": media, "data": base64.b64encode(content.encode()).decode()}]}


@pytest.mark.parametrize("kind", ["transaction", "batch", "message", "collection", "document", "searchset", "history",
                                  "subscription-notification"])
def test_bundles_of_every_type(read, kind):
    """The report is read with its patient, whatever the type of the bundle; a conclusion is an impression."""
    (report,) = read(bundle(kind, REPORT | {"conclusion": "Clear."}, PATIENT))
    assert (report.text, report.patient.sex, report.status) == ("IMPRESSION:\nClear.", Sex.FEMALE, ReportStatus.FINAL)


@pytest.mark.parametrize(("resource", "words"), [
    (form("text/plain", "FINDINGS: One.\nIMPRESSION: Two."), ["FINDINGS: One.", "IMPRESSION: Two."]),
    (form("text/html", "<h1>FINDINGS</h1><p>One &amp; more.</p><script>alert(1)</script>"),
     ["FINDINGS", "One & more."]),
    (form("application/rtf", r"{\rtf1 FINDINGS: One.\par IMPRESSION: Two.}"), ["FINDINGS: One.", "IMPRESSION: Two."]),
    (REPORT | {"text": {"status": "generated", "div": "<div><p>FINDINGS: One.</p><p>IMPRESSION: Two.</p></div>"}},
     ["FINDINGS: One.", "IMPRESSION: Two."]),
    (REPORT | {"conclusion": "One."}, ["One."]),
    (REPORT | {"contained": [{"resourceType": "Observation", "id": "o", "status": "final",
                              "code": {"coding": [{"system": "http://loinc.org", "code": "19005-8"}]},
                              "valueString": "Two."}], "result": [{"reference": "#o"}]}, ["IMPRESSION:", "Two."]),
])
def test_text_is_found_wherever_it_stands(read, resource, words):
    """presentedForm, narrative, conclusion and observations give lines of text; script does not."""
    (report,) = read(resource)
    lines = [line.strip() for line in report.text.splitlines() if line.strip()]
    assert [line for line in words if line not in lines] == []
    assert "alert" not in report.text


def test_what_references_say(read):
    """Order, study and people come from the bundle by reference."""
    order = {"resourceType": "ServiceRequest", "id": "s", "status": "active", "intent": "order",
             "subject": {"reference": "Patient/p"}, "code": {"text": "MR brain with contrast"},
             "identifier": [{"type": {"coding": [{"code": "ACSN"}]}, "value": "AC1"}]}
    study = {"resourceType": "ImagingStudy", "id": "i", "status": "available", "subject": {"reference": "Patient/p"},
             "identifier": [{"system": "urn:dicom:uid", "value": "urn:oid:1.2.3.4.5"}]}
    doctor = {"resourceType": "Practitioner", "id": "r", "name": [{"family": "Quibbleworth"}]}
    linked = REPORT | {"conclusion": "Clear.", "basedOn": [{"reference": "ServiceRequest/s"}],
                       "imagingStudy": [{"reference": "ImagingStudy/i"}],
                       "resultsInterpreter": [{"reference": "Practitioner/r"}]}
    (report,) = read(bundle("collection", linked, PATIENT, order, study, doctor))
    names = {i.value for i in report.identifiers if i.kind is IdentifierKind.NAME}
    assert (report.order.modality, report.study.uid, report.study.accession) == ("MR", "1.2.3.4.5", "AC1")
    assert {"Quibbleworth", "Clementina Balderdash"} <= names


def test_a_reference_that_leads_nowhere_is_told(read):
    """A subject outside the bundle is an issue at its place, and the report is read all the same."""
    (report,) = read(REPORT | {"conclusion": "Clear."})
    assert [(i.code, i.where) for i in report.issues] == [("FHIR-209", "DiagnosticReport.subject[0]")]
