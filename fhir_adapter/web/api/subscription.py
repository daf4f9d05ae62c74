"""`/fhir/Subscription`: who wants to be told of results (FHIR R4 and Subscriptions R5 Backport, rest-hook)."""

import json
from collections.abc import Mapping
from typing import Any

from flask import Blueprint, Response, current_app, request

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
    """Subscribe: told of what changes from now on, to a topic once the endpoint has taken the handshake."""
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


@ROUTES.route("/fhir/Subscription/<name>/$status", methods=["GET", "POST"])
def status_of_one(name: str) -> Response:
    """Where one subscription to a topic stands."""
    found = _subscriptions().status([name])
    return fhir(found) if found["total"] else outcome(404, Issue.at("NET-607"))


@ROUTES.route("/fhir/Subscription/$status", methods=["GET", "POST"])
def status() -> Response:
    """Where subscriptions to topics stand: those that `id` names, or all."""
    return fhir(_subscriptions().status(_parameters("id")))


@ROUTES.route("/fhir/Subscription/<name>/$events", methods=["GET", "POST"])
def events(name: str) -> Response:
    """Events again, by their numbers: `eventsSinceNumber`, `eventsUntilNumber`, and with which `content`."""
    first, last, content = (_parameters(key) for key in ("eventsSinceNumber", "eventsUntilNumber", "content"))
    found = _subscriptions().events(name, *first[:1] or [""], *last[:1] or [""], *content[:1] or [""])
    return outcome(404, Issue.at("NET-607")) if found is None else fhir(found)


def _parameters(name: str) -> list[str]:
    """The values of an operation's parameter, from the address or from a Parameters resource."""
    values = request.args.getlist(name)
    if request.method == "POST" and request.content_length:
        some = _sent().get("parameter", [])
        values += [str(value) for one in some if isinstance(one, dict) and one.get("name") == name
                   for key, value in one.items() if key.startswith("value")] if isinstance(some, list) else []
    return values
