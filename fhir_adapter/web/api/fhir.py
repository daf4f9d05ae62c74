"""`POST /fhir`: reports as FHIR R4 in, what they mean as FHIR R4 out; and what this server can do."""

from flask import Blueprint, Response, current_app

from fhir_adapter.issues import Issue
from fhir_adapter.web.answers import fhir, outcome
from fhir_adapter.web.bodies import FHIR_TYPES, body
from fhir_adapter.web.capability import capability_statement
from fhir_adapter.web.conversion import bundled, converted, kept
from fhir_adapter.web.preferences import prefers
from fhir_adapter.web.station import Station

ROUTES = Blueprint("fhir", __name__)
TAKEN = ("Bundle", "DiagnosticReport")


@ROUTES.post("/fhir")
@ROUTES.post("/fhir/<kind>")
@ROUTES.post("/fhir/$process-message")
def post(kind: str = "") -> Response:
    """Convert a Bundle or DiagnosticReport: the bundle of its one report, or a collection of bundles for several."""
    station: Station = current_app.extensions["station"]
    if kind and kind not in TAKEN:
        return outcome(404, Issue.at("NET-601"))
    payload = body(station.adapter.settings, FHIR_TYPES)
    if prefers("respond-async"):
        return kept(station, payload)
    return bundled(converted(station, payload))


@ROUTES.get("/fhir/metadata")
def metadata() -> Response:
    """What this server can do, and nothing that it cannot."""
    station: Station = current_app.extensions["station"]
    return fhir(capability_statement(current_app.url_map, station.adapter.tables.results))
