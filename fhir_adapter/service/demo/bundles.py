"""A dictated report as a FHIR R4 transaction Bundle, for the site that sends no HL7 v2."""

import base64
import json
from datetime import UTC, datetime

from fhir_adapter.service.demo.dictation import Dictated
from fhir_adapter.service.demo.people import Person

_SEXES = {"F": "female", "M": "male"}


def bundle(someone: Person, said: Dictated, *, name: str, number: int, done: datetime, issued: datetime) -> bytes:
    """Patient, order and final report; `name` is the Bundle's identifier, `number` the order's."""
    patient = {
        "resourceType": "Patient", "identifier": [{"system": "urn:demo:patients", "value": someone.number}],
        "name": [{"family": someone.family, "given": [someone.given]}], "gender": _SEXES[someone.sex],
        "birthDate": someone.born.isoformat()}
    order = {
        "resourceType": "ServiceRequest", "status": "completed", "intent": "order",
        "identifier": [{"type": {"coding": [{"system": "http://terminology.hl7.org/CodeSystem/v2-0203",
                                             "code": "ACSN"}]}, "value": f"ACC{number:05}"}],
        "code": {"text": said.order}, "subject": {"reference": "urn:uuid:patient"}}
    report = {
        "resourceType": "DiagnosticReport", "status": "final",
        "identifier": [{"system": "urn:demo:reports", "value": f"F{number:05}"}],
        "category": [{"coding": [{"system": "http://terminology.hl7.org/CodeSystem/v2-0074", "code": "RAD"}]}],
        "code": {"text": said.order}, "subject": {"reference": "urn:uuid:patient"},
        "basedOn": [{"reference": "urn:uuid:order"}], "effectiveDateTime": _instant(done), "issued": _instant(issued),
        "presentedForm": [{"contentType": "text/plain; charset=utf-8",
                           "data": base64.b64encode(said.text.encode()).decode()}]}
    entries = [{"fullUrl": f"urn:uuid:{label}", "resource": resource,
                "request": {"method": "POST", "url": resource["resourceType"]}}
               for label, resource in (("patient", patient), ("order", order), ("report", report))]
    return json.dumps({"resourceType": "Bundle", "type": "transaction",
                       "identifier": {"system": "urn:demo:bundles", "value": name}, "entry": entries}).encode()


def _instant(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="seconds")
