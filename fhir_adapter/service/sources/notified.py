"""
What a notification says: which reports changed, and which events of a subscription came.

Servers send a bare resource (R4 rest-hook), nothing at all, or a Bundle of type history, subscription-notification or
transaction (Subscriptions R5 Backport and R5). Of all of these only the ids of DiagnosticReports are used: the report
is fetched from the address that the operator gave, whatever address the notification names.
"""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from fhir_adapter.errors import UnreadableMessage
from fhir_adapter.issues import Issue

_REPORT = re.compile(r"(?:.*/)?DiagnosticReport/([A-Za-z0-9.-]{1,64})(?:/_history/[A-Za-z0-9.-]{1,64})?")
_ID = re.compile(r"(?:.*/)?([A-Za-z0-9.-]{1,64})")


@dataclass(frozen=True, slots=True, kw_only=True)
class Notified:
    """
    Ids of reports to fetch, and for a topic's subscription its id and the number of its last event so far.

    `first` is the number of the first event that this notification is about; 0 where it is about none. `look` says that
    something changed and not what.
    """

    reports: tuple[str, ...] = ()
    subscription: str = ""
    events: int = 0
    first: int = 0
    look: bool = False


def understood(payload: bytes) -> Notified:
    """What a notification says. Raises UnreadableMessage for what is no FHIR JSON."""
    if not payload.strip():
        return Notified(look=True)
    try:
        resource = json.loads(payload)
    except (ValueError, RecursionError):
        raise UnreadableMessage(Issue.at("FHIR-200")) from None
    if not isinstance(resource, dict) or not isinstance(resource.get("resourceType"), str):
        raise UnreadableMessage(Issue.at("FHIR-201"))
    if resource["resourceType"] == "Bundle":
        return _bundle(resource)
    return Notified(reports=tuple(_ids([f"{resource['resourceType']}/{resource.get('id', '')}"])))


def _bundle(bundle: Mapping[str, Any]) -> Notified:
    entries = [entry for entry in _list(bundle.get("entry")) if isinstance(entry, dict)]
    states = [told for told in map(_state, entries) if told is not None]
    named = tuple(dict.fromkeys(_ids(name for entry in entries for name in _names(entry))))
    if not states:
        return Notified(reports=named)
    state = states[0]
    numbers = [_number(event.get("event-number")) for event in state["notification-event"]]
    foci = [event.get("focus") for event in state["notification-event"]]
    reports = tuple(dict.fromkeys((*named, *_ids(_reference(focus) for focus in foci))))
    subscription = _ID.fullmatch(_reference(state.get("subscription")).rstrip("/"))
    return Notified(reports=reports, subscription=subscription[1] if subscription else "",
                    events=max([_number(state.get("events-since-subscription-start")), *numbers]),
                    first=min(filter(None, numbers), default=0), look=bool(numbers) and not any(foci))


def _state(entry: Mapping[str, Any]) -> dict[str, Any] | None:
    """The state of a subscription by the guide's names, from Parameters (R4) or SubscriptionStatus (R4B, R5)."""
    resource = entry.get("resource")
    if not isinstance(resource, dict):
        return None
    if resource.get("resourceType") == "SubscriptionStatus":
        return {"subscription": resource.get("subscription"),
                "events-since-subscription-start": resource.get("eventsSinceSubscriptionStart"),
                "notification-event": [{"event-number": one.get("eventNumber"), "focus": one.get("focus")}
                                       for one in _list(resource.get("notificationEvent")) if isinstance(one, dict)]}
    if resource.get("resourceType") != "Parameters":
        return None
    named = [one for one in _list(resource.get("parameter")) if isinstance(one, dict)]
    if "subscription" not in (one.get("name") for one in named):
        return None
    state: dict[str, Any] = {str(one.get("name")): _value(one) for one in named}
    state["notification-event"] = [
        {str(part.get("name")): _value(part) for part in _list(one.get("part")) if isinstance(part, dict)}
        for one in named if one.get("name") == "notification-event"]
    return state


def _value(parameter: Mapping[str, Any]) -> object:
    return next((value for key, value in parameter.items() if key.startswith("value")), None)


def _names(entry: Mapping[str, Any]) -> Iterator[str]:
    """By what an entry names its resource; nothing of one that was deleted."""
    request, resource = entry.get("request"), entry.get("resource")
    if isinstance(request, dict) and request.get("method") == "DELETE":
        return
    if isinstance(resource, dict):
        yield f"{resource.get('resourceType', '')}/{resource.get('id', '')}"
    elif isinstance(request, dict):
        yield str(request.get("url", ""))
        yield str(entry.get("fullUrl", ""))


def _ids(references: Iterator[str] | Sequence[str]) -> Iterator[str]:
    for reference in references:
        found = _REPORT.fullmatch(reference.partition("?")[0])
        if found:
            yield found[1]


def _reference(value: object) -> str:
    return str(value.get("reference", "")) if isinstance(value, dict) else ""


def _number(value: object) -> int:
    text = str(value)
    return int(text) if text.isdecimal() and len(text) < 16 else 0


def _list(value: object) -> list[Any]:
    return value if isinstance(value, list) else []
