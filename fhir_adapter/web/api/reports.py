"""
`/v1/reports`: a report in, its insights in the same answer; for a reporting system while the radiologist dictates.

Nothing is kept unless the client prefers `respond-async`. What is known of patient and order stands in the body or in
headers, never in the address, which proxies and browsers write down.
"""

import json
from typing import Any

from flask import Blueprint, Response, current_app, jsonify, request

from fhir_adapter.errors import NonconformantMessage, UnreadableMessage
from fhir_adapter.issues import Issue
from fhir_adapter.model.report import JSON
from fhir_adapter.readers.hl7v2 import READER as HL7V2
from fhir_adapter.service import jobs
from fhir_adapter.service.dictation import issue_told, told
from fhir_adapter.web.answers import fhir, outcome
from fhir_adapter.web.bodies import FHIR_TYPES, HL7_TYPES, body
from fhir_adapter.web.conversion import bundled, converted, kept
from fhir_adapter.web.preferences import prefers, wants_fhir
from fhir_adapter.web.station import Station

ROUTES = Blueprint("reports", __name__)
TYPES = tuple(dict.fromkeys(("application/json", "text/plain", *HL7_TYPES, *FHIR_TYPES)))
HEADERS = {
    "Report-Id": "id", "Report-Status": "status", "Report-Service": "service", "Report-Issued": "issued",
    "Patient-Id": "patient.id", "Patient-Name": "patient.name", "Patient-Sex": "patient.sex",
    "Patient-Birth-Date": "patient.birthDate", "Patient-Age": "patient.age", "Order-Text": "order.text",
    "Order-Code": "order.code", "Order-System": "order.system", "Order-Modality": "order.modality",
    "Order-Reason": "order.reason", "Order-Number": "order.number", "Study-Accession": "study.accession"}
"""The headers that say with text/plain what the fields of the JSON object say."""
_JSON = "application/json"


@ROUTES.post("/v1/reports")
def post() -> Response:
    """Insights of a report in any format, at once and not kept; with `Prefer: respond-async` kept: 202 and a job."""
    station: Station = current_app.extensions["station"]
    if request.query_string:
        return outcome(400, Issue.at("NET-608", "query"))
    payload = body(station.adapter.settings, TYPES)
    if request.mimetype == "text/plain" and not HL7V2.detects(payload):
        payload = _worded(payload)
    if prefers("respond-async"):
        return kept(station, payload)
    outcomes = converted(station, payload)
    if wants_fhir(_JSON):
        return bundled(outcomes)
    return Response(json.dumps({"reports": [told(one) for one in outcomes]}, ensure_ascii=False), mimetype=_JSON)


@ROUTES.get("/v1/reports/<name>")
def job(name: str) -> Response:
    """What became of a report that was kept: 202 while it waits, then 200 with issues and results, as FHIR if asked."""
    station: Station = current_app.extensions["station"]
    found = jobs.job(station.intake.database, name)
    if found is None:
        return outcome(404, Issue.at("NET-607"))
    if found.state.settled and wants_fhir(_JSON):
        entries: list[JSON] = [{"resource": resource} for resource in found.resources]
        return fhir({"resourceType": "Bundle", "type": "collection", "entry": entries})
    issues = [issue_told(one) for one in found.issues]
    answer = jsonify(id=name, state=found.state.value, issues=issues, results=[
        f"{one['resourceType']}/{one['id']}" for one in found.resources])
    if not found.state.settled:
        answer.status_code = 202
        answer.headers["Retry-After"] = "1"
    return answer


def _worded(text: bytes) -> bytes:
    """Plain words and their headers as the JSON object that is read, kept and read again later."""
    try:
        given: dict[str, Any] = {"text": text.decode("utf-8-sig")}
    except UnicodeDecodeError:
        raise UnreadableMessage(Issue.at("HL7-119")) from None
    for header, field in HEADERS.items():
        value = request.headers.get(header, "")
        if not value:
            continue
        if not value.isascii() or (field == "patient.age" and not value.isdecimal()):
            raise NonconformantMessage(Issue.at("TXT-802", header))
        group, _, name = field.rpartition(".")
        (given.setdefault(group, {}) if group else given)[name] = int(value) if field == "patient.age" else value
    return json.dumps(given, ensure_ascii=False).encode()
