"""
`POST /hl7v2`: one message in ER7, its acknowledgement out. The answer leaves when the message is on disk.

A reporting system that wants the insights of a preliminary report at once asks `Prefer: return=representation`: it gets
the bundle, and nothing is kept.
"""

from flask import Blueprint, Response, current_app

from fhir_adapter.errors import StoreError, UnreadableMessage
from fhir_adapter.issues import Issue
from fhir_adapter.service.intake import out_of_reach
from fhir_adapter.service.metrics import ISSUES
from fhir_adapter.store.states import State
from fhir_adapter.web.answers import outcome, status_of
from fhir_adapter.web.bodies import HL7_TYPES, body
from fhir_adapter.web.conversion import bundled, converted, status_told
from fhir_adapter.web.preferences import prefers
from fhir_adapter.web.station import Station

ROUTES = Blueprint("hl7v2", __name__)
ER7 = "application/hl7-v2"


@ROUTES.post("/hl7v2")
def post() -> Response:
    """Keep one message and acknowledge it: 200 accepted or repeated, 4xx refused, 503 when nothing could be kept."""
    station: Station = current_app.extensions["station"]
    payload = body(station.adapter.settings, HL7_TYPES)
    if prefers("return=representation"):
        told = bundled(converted(station, payload))
        told.headers["Preference-Applied"] = "return=representation"
        return told
    judged = station.intake.judge(payload, channel="http")
    if not judged.answerable:
        return outcome(422, Issue.at("HL7-122", "MSH-9"))
    for issue in judged.new.issues:
        ISSUES.labels(issue.code).inc()
    if judged.new.format != "hl7v2":
        issues = judged.new.issues or (Issue.at("HL7-119"),)
        return outcome(status_of(UnreadableMessage(*issues)), *issues)
    try:
        (kept,) = station.intake.take((judged,))
    except StoreError as error:
        return Response(out_of_reach(judged, error), status=503, mimetype=ER7, headers={"Retry-After": "10"})
    answer = kept.answer or b""
    refused = kept.state in (State.REJECTED, State.FAILED)
    status = status_told(judged.new.issues, kept.state) if refused else (200 if answer else 202)
    return Response(answer, status=status, mimetype=ER7)
