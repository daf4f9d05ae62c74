"""
Subscriptions to a topic: what a subscriber asks for, and the notifications that it is owed.

HL7 Subscriptions R5 Backport 1.1.0 for FHIR R4: the criteria are a topic's address, filters and more are extensions.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Final, cast

from fhir_adapter.emitters.elements import BASE
from fhir_adapter.emitters.notification import GUIDE, Content, Event, Standing
from fhir_adapter.errors import NonconformantMessage
from fhir_adapter.issues import Issue
from fhir_adapter.service.results import stored
from fhir_adapter.settings import Settings
from fhir_adapter.store import lookups, subscriptions
from fhir_adapter.store.database import Connection
from fhir_adapter.store.schema import AnyRow
from fhir_adapter.tables.results import ResultTables, Topic

PREFIX = f"{BASE}/SubscriptionTopic/"
PROFILE = f"{GUIDE}/StructureDefinition/backport-subscription"
CONTENTS: Final = ("empty", "id-only", "full-resource")
_MOST_EVENTS = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """What a subscriber asked for: `heartbeat` and `timeout` in seconds, 0 where it did not; `most` events at once."""

    topic: str
    content: Content = "empty"
    heartbeat: int = 0
    timeout: int = 0
    most: int = _MOST_EVENTS

    def kept(self) -> str:
        """As the store keeps it."""
        return json.dumps(asdict(self))


def terms_of(row: AnyRow) -> Terms:
    """What the store kept."""
    return Terms(**json.loads(row.terms))


def topic_of(criteria: str, tables: ResultTables) -> Topic | None:
    """The topic that criteria name, with or without a version; None where they are a search."""
    if "://" not in criteria:
        return None
    found = tables.topics.get(criteria.partition("|")[0].removeprefix(PREFIX))
    if not criteria.startswith(PREFIX) or found is None:
        raise NonconformantMessage(Issue.at("FHIR-223", "Subscription.criteria"))
    return found


def filters(resource: Mapping[str, Any], topic: Topic) -> tuple[tuple[str, str], ...]:
    """
    What a subscriber watches of a topic, as type and query.

    Filters of one type hold together; where there are filters, only the types that they name are told of.
    """
    queries: dict[str, list[str]] = {}
    for one in _extensions(resource.get("_criteria"), "backport-filter-criteria"):
        kind, _, query = str(one.get("valueString", "")).partition("?")
        if kind not in topic.types:
            raise NonconformantMessage(Issue.at("FHIR-223", "Subscription.criteria.extension"))
        queries.setdefault(kind, []).append(query)
    return tuple((kind, "&".join(filter(None, some))) for kind, some in queries.items()) or tuple(
        (kind, "") for kind in topic.types)


def asked(resource: Mapping[str, Any], topic: Topic) -> Terms:
    """The other terms, from the extensions of the channel."""
    channel = resource["channel"]
    contents = [one.get("valueCode") for one in _extensions(channel.get("_payload"), "backport-payload-content")]
    content = contents[0] if contents else "empty"
    if content not in CONTENTS or (content != "empty" and not channel.get("payload")):
        raise NonconformantMessage(Issue.at("FHIR-222", "Subscription.channel.payload"))
    return Terms(topic=f"{PREFIX}{topic.name}", content=cast("Content", content),
                 heartbeat=_number(channel, "backport-heartbeat-period"), timeout=_number(channel, "backport-timeout"),
                 most=min(_number(channel, "backport-max-count") or _MOST_EVENTS, _MOST_EVENTS))


def standing(row: AnyRow, *, events: int | None = None, status: str = "") -> Standing:
    """Where a subscription stands."""
    return Standing(id=row.id, topic=terms_of(row).topic, status=status or row.status,
                    events=row.events if events is None else events)


def between(connection: Connection, row: AnyRow, first: int, last: int, limit: int) -> tuple[Event, ...]:
    """The events with these numbers, each with its resource as it is now."""
    found = subscriptions.events(connection, row.id, first, last, limit)
    current = {(one.type, one.id): one for one in lookups.named(connection, [(one.type, one.id) for one in found])}
    return tuple(Event(number=one.number, noted=one.noted, focus=f"{one.type}/{one.id}",
                       resource=stored(current[one.type, one.id]).resource if (one.type, one.id) in current else None)
                 for one in found)


def base_of(settings: Settings) -> str:
    """The address below which our resources are named to others."""
    return f"{settings.public_url.rstrip('/')}/fhir" if settings.public_url else BASE


def _extensions(element: object, name: str) -> Sequence[Mapping[str, Any]]:
    some = element.get("extension", []) if isinstance(element, dict) else []
    url = f"{GUIDE}/StructureDefinition/{name}"
    return [one for one in some if isinstance(one, dict) and one.get("url") == url] if isinstance(some, list) else []


def _number(channel: Mapping[str, Any], name: str) -> int:
    for one in _extensions(channel, name):
        # The published examples write integers of all three types.
        for value in (one.get("valueUnsignedInt"), one.get("valuePositiveInt"), one.get("valueInteger")):
            if isinstance(value, int) and not isinstance(value, bool) and 0 < value < 10_000_000:
                return value
    return 0
