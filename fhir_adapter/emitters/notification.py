"""
What a topic's subscriber is sent: a Bundle of type history that begins with the state of the subscription.

HL7 Subscriptions R5 Backport 1.1.0, profiles backport-subscription-notification-r4 and backport-subscription-status-r4.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Literal
from uuid import uuid4

from fhir_adapter.model.report import JSON, JSONObject

GUIDE = "http://hl7.org/fhir/uv/subscriptions-backport"
Content = Literal["empty", "id-only", "full-resource"]
Type = Literal["handshake", "heartbeat", "event-notification", "query-status", "query-event"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """One numbered change. `resource` and `version` are as they are now; without them it is gone or not sent."""

    number: int
    noted: datetime
    focus: str
    resource: JSONObject | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """Where a subscription stands: its id, its topic's address, its status, and the number of its last event."""

    id: str
    topic: str
    status: str
    events: int


def status(standing: Standing, kind: Type, base: str, events: Iterable[Event] = (), *,
           content: Content = "empty") -> JSONObject:
    """The Parameters that say where a subscription stands and which events a notification is about."""
    parameters: list[JSON] = [
        {"name": "subscription", "valueReference": {"reference": f"{base}/Subscription/{standing.id}"}},
        {"name": "topic", "valueCanonical": standing.topic},
        {"name": "status", "valueCode": standing.status},
        {"name": "type", "valueCode": kind},
        {"name": "events-since-subscription-start", "valueString": str(standing.events)}]
    for event in events:
        part: list[JSON] = [{"name": "event-number", "valueString": str(event.number)},
                            {"name": "timestamp", "valueInstant": _instant(event.noted)}]
        if content != "empty":
            part.append({"name": "focus", "valueReference": {"reference": f"{base}/{event.focus}"}})
        parameters.append({"name": "notification-event", "part": part})
    return {"resourceType": "Parameters", "id": str(uuid4()),
            "meta": {"profile": [f"{GUIDE}/StructureDefinition/backport-subscription-status-r4"]},
            "parameter": parameters}


def notification(standing: Standing, kind: Type, base: str, events: tuple[Event, ...] = (), *,
                 content: Content = "empty") -> JSONObject:
    """The Bundle; each resource comes once, however many of the events it was the focus of."""
    told = status(standing, kind, base, events, content=content)
    entries: list[JSON] = [{"fullUrl": f"urn:uuid:{told['id']}", "resource": dict(told),
                            "request": {"method": "GET", "url": f"Subscription/{standing.id}/$status"},
                            "response": {"status": "200"}}]
    if content != "empty":
        entries += [_entry(event, base, content) for event in {event.focus: event for event in events}.values()]
    return {"resourceType": "Bundle", "id": str(uuid4()),
            "meta": {"profile": [f"{GUIDE}/StructureDefinition/backport-subscription-notification-r4"]},
            "type": "history", "timestamp": _instant(datetime.now(UTC)), "entry": entries}


def _entry(event: Event, base: str, content: Content) -> JSON:
    entry: dict[str, JSON] = {"fullUrl": f"{base}/{event.focus}"}
    if content == "full-resource" and event.resource is not None:
        entry["resource"] = dict(event.resource)
        entry["request"] = {"method": "PUT", "url": event.focus}
    else:
        entry["request"] = {"method": "GET", "url": event.focus}
    entry["response"] = {"status": "200"}
    return entry


def _instant(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
