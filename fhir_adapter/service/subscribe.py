"""
Subscriptions, channel rest-hook: accept, show, change, end. FHIR R4 (2.46), where the criteria are a search, and the
Subscriptions R5 Backport, where they name a topic.

A subscriber's place in the stream of changes is all that is kept for it: after days of silence it goes on from there.
"""

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, cast
from urllib.parse import parse_qsl
from uuid import uuid4

from fhir_adapter.emitters.notification import Content, notification, status
from fhir_adapter.errors import NonconformantMessage
from fhir_adapter.issues import Issue
from fhir_adapter.model.report import JSON, JSONObject
from fhir_adapter.service.facts import instant
from fhir_adapter.service.results import Results, SearchRefused
from fhir_adapter.service.topics import CONTENTS, asked, base_of, between, filters, standing, terms_of, topic_of
from fhir_adapter.settings import Settings
from fhir_adapter.store import lookups, subscriptions
from fhir_adapter.store.lookups import ColumnElement, either
from fhir_adapter.store.schema import AnyRow
from fhir_adapter.transport.endpoints import allowed

_CRITERIA = re.compile(r"([A-Za-z]+)(?:\?(.*))?", re.DOTALL)
_HEADER = re.compile(r"([A-Za-z0-9-]+): ?([\x20-\x7e]*)")
_MOST_EVENTS = 500
_PAYLOADS = ("", "application/fhir+json", "application/json")


@dataclass(frozen=True, slots=True)
class Subscriptions:
    """The subscriptions of a store."""

    results: Results
    settings: Settings

    def create(self, resource: Mapping[str, Any]) -> JSONObject:
        """Take a Subscription; it hears of what changes from now on: at once, or of a topic after the handshake.

        A NonconformantMessage names the element that is wrong (FHIR-220 to FHIR-223).
        """
        values = self._checked(resource)
        name = str(uuid4())
        with self.results.database.writing() as connection:
            subscriptions.add(connection, {
                **values, "id": name, "created": datetime.now(UTC), "cursor": lookups.last_key(connection), "events": 0,
                "delivered": 0, "heard": None, "failures": 0, "refusals": 0, "due": None, "code": ""})
            row = subscriptions.find(connection, name)
        assert row is not None
        return shown(row)

    def update(self, name: str, resource: Mapping[str, Any]) -> JSONObject | None:
        """Change a Subscription, or bring one in error back to life; it goes on where it stopped. None: no such one."""
        values = self._checked(resource)
        with self.results.database.writing() as connection:
            there = subscriptions.change(connection, name, {**values, "failures": 0, "refusals": 0, "due": None,
                                                            "code": ""})
            row = subscriptions.find(connection, name) if there else None
        return shown(row) if row is not None else None

    def read(self, name: str) -> JSONObject | None:
        """One Subscription with its status as it is now."""
        with self.results.database.reading() as connection:
            row = subscriptions.find(connection, name)
        return shown(row) if row is not None else None

    def everyone(self) -> tuple[JSONObject, ...]:
        """All Subscriptions."""
        with self.results.database.reading() as connection:
            return tuple(shown(row) for row in subscriptions.everyone(connection) if row.manner != "push")

    def status(self, names: Sequence[str] = ()) -> JSONObject:
        """Where subscriptions to topics stand, those of these names or all: a searchset of their states."""
        base = base_of(self.settings)
        with self.results.database.reading() as connection:
            rows = [row for row in subscriptions.everyone(connection)
                    if row.manner == "topic" and (not names or row.id in names)]
        told = [status(standing(row), "query-status", base) for row in rows]
        entries: list[JSON] = [{"fullUrl": f"urn:uuid:{one['id']}", "resource": dict(one), "search": {"mode": "match"}}
                               for one in told]
        bundle: JSONObject = {"resourceType": "Bundle", "type": "searchset", "total": len(entries)}
        return {**bundle, "entry": entries} if entries else bundle

    def events(self, name: str, first: str = "", last: str = "", content: str = "") -> JSONObject | None:
        """
        Events again, from number `first` to `last`, both included; a notification of type query-event.

        None where there is no such subscription to a topic. A NonconformantMessage (FHIR-224) names a wrong parameter.
        """
        for where, value in (("eventsSinceNumber", first), ("eventsUntilNumber", last)):
            if value and not (value.isdecimal() and len(value) < 16):
                raise NonconformantMessage(Issue.at("FHIR-224", where))
        if content not in ("", *CONTENTS):
            raise NonconformantMessage(Issue.at("FHIR-224", "content"))
        with self.results.database.reading() as connection:
            row = subscriptions.find(connection, name)
            if row is None or row.manner != "topic":
                return None
            found = between(connection, row, int(first or 1), min(int(last or row.events), row.events), _MOST_EVENTS)
        return notification(standing(row), "query-event", base_of(self.settings), found,
                            content=cast("Content", content or terms_of(row).content))

    def end(self, name: str) -> bool:
        """Forget a Subscription; whether there was one."""
        with self.results.database.writing() as connection:
            return subscriptions.remove(connection, name)

    def _checked(self, resource: Mapping[str, Any]) -> dict[str, object]:
        channel = resource.get("channel")
        if resource.get("resourceType") != "Subscription" or not isinstance(channel, dict):
            raise NonconformantMessage(Issue.at("FHIR-222", "Subscription.channel"))
        if channel.get("type") != "rest-hook" or channel.get("payload", "") not in _PAYLOADS:
            raise NonconformantMessage(Issue.at("FHIR-222", "Subscription.channel"))
        if not allowed(str(channel.get("endpoint", "")), self.settings.subscription_endpoints):
            raise NonconformantMessage(Issue.at("FHIR-221", "Subscription.channel.endpoint"))
        headers = channel.get("header", [])
        if not isinstance(headers, list) or not all(_HEADER.fullmatch(str(one)) for one in headers):
            raise NonconformantMessage(Issue.at("FHIR-222", "Subscription.channel.header"))
        criteria = str(resource.get("criteria", ""))
        topic = topic_of(criteria, self.results.tables)
        watches = (self._criteria(criteria),) if topic is None else filters(resource, topic)
        self._searchable(watches)
        end = resource.get("end")
        ends = instant(end) if end is not None else None
        if end is not None and ends is None:
            raise NonconformantMessage(Issue.at("FHIR-222", "Subscription.end"))
        begun = "off" if resource.get("status") == "off" else "active" if topic is None else "requested"
        return {"status": begun, "ends": ends, "manner": "resource" if topic is None else "topic",
                "watches": json.dumps(watches),
                "terms": "{}" if topic is None else asked(resource, topic).kept(),
                "endpoint": str(channel["endpoint"]), "payload": str(channel.get("payload", "")),
                "headers": json.dumps(headers), "content": json.dumps(resource, ensure_ascii=False)}

    def _criteria(self, criteria: str) -> tuple[str, str]:
        found = _CRITERIA.fullmatch(criteria)
        if found is None or found[1] not in self.results.tables.parameters:
            raise NonconformantMessage(Issue.at("FHIR-220", "Subscription.criteria"))
        return found[1], found[2] or ""

    def _searchable(self, watches: Iterable[tuple[str, str]]) -> None:
        try:
            for kind, query in watches:
                self.results.searchable(kind, query)
        except SearchRefused:
            raise NonconformantMessage(Issue.at("FHIR-220", "Subscription.criteria")) from None


def watched(results: Results, row: AnyRow) -> ColumnElement[bool]:
    """What a subscription watches, as a condition on current resources."""
    return either(results.condition(kind, parse_qsl(query, keep_blank_values=True))
                 for kind, query in json.loads(row.watches))


def shown(row: AnyRow) -> JSONObject:
    """The Subscription as clients see it: status and error as they are, headers without their values."""
    resource: dict[str, Any] = json.loads(row.content)
    resource |= {"id": row.id, "status": row.status}
    resource.pop("error", None)
    if row.code:
        issue = Issue.at(row.code)
        resource["error"] = f"{issue.code} {issue.rule} {row.failures + row.refusals} times in a row."
    if "header" in resource["channel"]:
        resource["channel"]["header"] = [f"{str(one).partition(':')[0]}: ***" for one in resource["channel"]["header"]]
    return resource
