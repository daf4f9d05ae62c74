"""
Subscriptions of FHIR R4 (2.46), channel rest-hook: accept, show, change, end.

A subscriber's place in the stream of changes is all that is kept for it: after days of silence it goes on from there.
"""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qsl
from uuid import uuid4

from fhir_adapter.errors import NonconformantMessage
from fhir_adapter.issues import Issue
from fhir_adapter.model.report import JSONObject
from fhir_adapter.service.results import Results, SearchRefused
from fhir_adapter.settings import Settings
from fhir_adapter.store import lookups, subscriptions
from fhir_adapter.store.schema import AnyRow
from fhir_adapter.transport.webhook import allowed

_CRITERIA = re.compile(r"([A-Za-z]+)(?:\?(.*))?", re.DOTALL)
_HEADER = re.compile(r"([A-Za-z0-9-]+): ?([\x20-\x7e]*)")
_PAYLOADS = ("", "application/fhir+json", "application/json")


@dataclass(frozen=True, slots=True)
class Subscriptions:
    """The subscriptions of a store."""

    results: Results
    settings: Settings

    def create(self, resource: Mapping[str, Any]) -> JSONObject:
        """Take a Subscription; it is active at once and hears of what changes from now on.

        A NonconformantMessage names the element that is wrong (FHIR-220 to FHIR-222).
        """
        values = self._checked(resource)
        name = str(uuid4())
        with self.results.database.writing() as connection:
            subscriptions.add(connection, {
                **values, "id": name, "created": datetime.now(UTC), "cursor": lookups.last_key(connection),
                "failures": 0, "refusals": 0, "due": None, "code": ""})
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
            return tuple(map(shown, subscriptions.everyone(connection)))

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
        kind, query = self._criteria(str(resource.get("criteria", "")))
        off = resource.get("status") == "off"
        return {"status": "off" if off else "active", "kind": kind, "query": query,
                "endpoint": str(channel["endpoint"]), "payload": str(channel.get("payload", "")),
                "headers": json.dumps(headers), "content": json.dumps(resource, ensure_ascii=False)}

    def _criteria(self, criteria: str) -> tuple[str, str]:
        found = _CRITERIA.fullmatch(criteria)
        if found is None or found[1] not in self.results.tables.parameters:
            raise NonconformantMessage(Issue.at("FHIR-220", "Subscription.criteria"))
        query = found[2] or ""
        try:
            self.results.condition(found[1], parse_qsl(query, keep_blank_values=True))
        except SearchRefused:
            raise NonconformantMessage(Issue.at("FHIR-220", "Subscription.criteria")) from None
        return found[1], query


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
