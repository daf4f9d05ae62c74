"""`/fhir/Subscription`: who wants to be told of results (FHIR R4, rest-hook)."""

import json
from collections.abc import Mapping
from typing import Any

from flask import Blueprint, Response, current_app

from fhir_adapter.errors import UnreadableMessage
from fhir_adapter.issues import Issue
from fhir_adapter.model.report import JSON
from fhir_adapter.service.results import Results
from fhir_adapter.service.subscribe import Subscriptions
from fhir_adapter.web.answers import fhir, outcome
from fhir_adapter.web.bodies import FHIR_TYPES, body
from fhir_adapter.web.station import Station

ROUTES = Blueprint("subscription", __name__)


def _subscriptions() -> Subscriptions:
    station: Station = current_app.extensions["station"]
    return Subscriptions(Results(station.intake.database, station.adapter.tables.results), station.adapter.settings)


def _sent() -> Mapping[str, Any]:
    station: Station = current_app.extensions["station"]
    try:
        resource = json.loads(body(station.adapter.settings, FHIR_TYPES))
    except (ValueError, RecursionError):
        raise UnreadableMessage(Issue.at("FHIR-200")) from None
    if not isinstance(resource, dict) or "resourceType" not in resource:
        raise UnreadableMessage(Issue.at("FHIR-201"))
    return resource


@ROUTES.post("/fhir/Subscription")
def create() -> Response:
    """Subscribe: active at once, and told of what changes from now on."""
    made = _subscriptions().create(_sent())
    answer = fhir(made, 201)
    answer.headers["Location"] = f"/fhir/Subscription/{made['id']}"
    return answer


@ROUTES.get("/fhir/Subscription")
def search() -> Response:
    """All subscriptions."""
    entries: list[JSON] = [{"resource": dict(one)} for one in _subscriptions().everyone()]
    return fhir({"resourceType": "Bundle", "type": "searchset", "total": len(entries), "entry": entries}
                if entries else {"resourceType": "Bundle", "type": "searchset", "total": 0})


@ROUTES.get("/fhir/Subscription/<name>")
def read(name: str) -> Response:
    """One subscription, with its status and its last error."""
    found = _subscriptions().read(name)
    return outcome(404, Issue.at("NET-607")) if found is None else fhir(found)


@ROUTES.put("/fhir/Subscription/<name>")
def update(name: str) -> Response:
    """Change a subscription or bring it back to life; it goes on where it stopped."""
    found = _subscriptions().update(name, _sent())
    return outcome(404, Issue.at("NET-607")) if found is None else fhir(found)


@ROUTES.delete("/fhir/Subscription/<name>")
def end(name: str) -> Response:
    """End a subscription."""
    return Response(status=204) if _subscriptions().end(name) else outcome(404, Issue.at("NET-607"))
