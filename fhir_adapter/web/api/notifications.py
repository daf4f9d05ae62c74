"""`/v1/notifications/<source>`: FHIR servers say that reports changed."""

import json

from flask import Blueprint, Response, current_app

from fhir_adapter.issues import Issue
from fhir_adapter.service.sources.notify import notify
from fhir_adapter.web.answers import outcome
from fhir_adapter.web.bodies import FHIR_TYPES, body
from fhir_adapter.web.station import Station

ROUTES = Blueprint("notifications", __name__)


@ROUTES.post("/v1/notifications/<source>")
@ROUTES.put("/v1/notifications/<source>/<kind>/<name>")
@ROUTES.post("/v1/notifications/<source>/<kind>/<name>")
def take(source: str, kind: str = "", name: str = "") -> Response:
    """Put down what a notification names; the reports are fetched from the server that the settings know."""
    station: Station = current_app.extensions["station"]
    if not any(server.name == source and server.source for server in station.adapter.settings.fhir_servers):
        return outcome(404, Issue.at("NET-609"))
    payload = body(station.adapter.settings, FHIR_TYPES)
    # The type and id in the address say the same as the resource, where there is one.
    if not payload.strip() and kind:
        payload = json.dumps({"resourceType": kind, "id": name}).encode()
    notify(station.intake.database, source, payload)
    return Response(status=200)
