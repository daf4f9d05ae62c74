"""`POST /fhir`: reports as FHIR R4 in, what they mean as FHIR R4 out; and what this server can do."""

from flask import Blueprint, Response, current_app

from fhir_adapter.issues import Issue
from fhir_adapter.model.report import JSON, JSONObject
from fhir_adapter.service.metrics import INSIGHTS, ISSUES, REPORTS
from fhir_adapter.web.answers import fhir, outcome
from fhir_adapter.web.bodies import FHIR_TYPES, body
from fhir_adapter.web.capability import capability_statement
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
    outcomes = station.adapter.convert(payload)
    bundles: list[JSONObject] = []
    for converted in outcomes:
        REPORTS.labels(converted.report.origin.format).inc()
        for insight in converted.insights:
            INSIGHTS.labels(insight.kind.value).inc()
        for issue in converted.issues:
            ISSUES.labels(issue.code).inc()
        bundles.append(converted.resources.bundle)
    if len(bundles) == 1:
        return fhir(bundles[0])
    entries: list[JSON] = [{"resource": dict(bundle)} for bundle in bundles]
    return fhir({"resourceType": "Bundle", "type": "collection", "entry": entries})


@ROUTES.get("/fhir/metadata")
def metadata() -> Response:
    """What this server can do, and nothing that it cannot."""
    station: Station = current_app.extensions["station"]
    return fhir(capability_statement(current_app.url_map, station.adapter.tables.results))
