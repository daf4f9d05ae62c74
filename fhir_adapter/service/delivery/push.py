"""
Results to the operator's own FHIR servers: a transaction of PUTs for each report that changed.

A server is a subscriber whose terms stand in the settings. It begins with everything that there is, so that what a
resource refers to is there before it; sending a transaction again changes nothing.
"""

import json
from collections.abc import Sequence
from datetime import UTC, datetime
from itertools import groupby

from fhir_adapter.errors import ConfigurationError
from fhir_adapter.model.report import JSON, JSONObject
from fhir_adapter.service.delivery.parcel import Office, Parcel
from fhir_adapter.service.fhir_server import Connection
from fhir_adapter.service.results import SearchRefused, stored
from fhir_adapter.service.subscribe import watched
from fhir_adapter.settings import FhirServer, Settings
from fhir_adapter.store import subscriptions
from fhir_adapter.store.database import Database
from fhir_adapter.store.schema import AnyRow
from fhir_adapter.tables.results import ResultTables

_A_TURN = 500
PREFIX = "push:"


class Push:
    """Tells the servers that the settings name."""

    def __init__(self, office: Office) -> None:
        self._office = office
        self._connections = {f"{PREFIX}{server.name}": Connection(server)
                             for server in office.settings.fhir_servers if server.push}
        for server in office.settings.fhir_servers:
            _checked(server, office)

    def waiting(self, row: AnyRow, newest: int) -> bool:
        """Whether something changed since the last that it has."""
        return row.status == "active" and row.cursor < newest and row.id in self._connections

    def parcels(self, row: AnyRow, newest: int) -> tuple[Sequence[Parcel], int]:
        """One parcel for the changes that one version of a report made."""
        with self._office.results.database.reading() as connection:
            news = subscriptions.news(connection, watched(self._office.results, row), row.cursor, _A_TURN)
        groups = [tuple(group) for _, group in groupby(news, key=lambda change: change.report)]
        if len(news) == _A_TURN and len(groups) > 1:
            groups.pop()  # the rest of it may lie beyond this look
        parcels = [Parcel(send=lambda group=group: self._send(row, group),  # type: ignore[misc]
                          taken={"cursor": group[-1].key}, changes=group) for group in groups]
        return parcels, newest if len(news) < _A_TURN else row.cursor

    def again(self, row: AnyRow, change: AnyRow) -> None:
        """Send one resource that was set aside."""
        self._send(row, (change,))

    def _send(self, row: AnyRow, changes: Sequence[AnyRow]) -> None:
        self._connections[row.id].post(transaction(changes))


def transaction(changes: Sequence[AnyRow]) -> JSONObject:
    """The changes as a transaction of PUTs."""
    entries: list[JSON] = []
    for change in changes:
        resource = dict(stored(change).resource)
        entries.append({"resource": resource, "request": {"method": "PUT", "url": f"{change.type}/{change.id}"}})
    return {"resourceType": "Bundle", "type": "transaction", "entry": entries}


def watches_of(server: FhirServer, tables: ResultTables) -> tuple[tuple[str, str], ...]:
    """The searches whose results a server gets."""
    if "*" in server.push:
        return tuple((kind, "") for kind in sorted(tables.parameters))
    parts = (one.partition("?") for one in server.push)
    return tuple((kind, query) for kind, _, query in parts)


def _checked(server: FhirServer, office: Office) -> None:
    for kind, query in watches_of(server, office.results.tables):
        try:
            if kind not in office.results.tables.parameters:
                raise SearchRefused(kind)
            office.results.searchable(kind, query)
        except SearchRefused:
            raise ConfigurationError(f"`push` of the FHIR server {server.name} is a search of results; see "
                                     "/fhir/metadata for types and parameters.") from None


def agree(database: Database, tables: ResultTables, settings: Settings) -> None:
    """Make the store's rows of servers those of the settings; one that is gone keeps its place, switched off."""
    wanted = {f"{PREFIX}{server.name}": server for server in settings.fhir_servers if server.push}
    with database.writing() as connection:
        known = {row.id: row for row in subscriptions.everyone(connection) if row.manner == "push"}
        for name in known.keys() - wanted.keys():
            subscriptions.change(connection, name, {"status": "off"})
        for name, server in wanted.items():
            terms = {"endpoint": server.address, "watches": json.dumps(watches_of(server, tables)), "status": "active"}
            if name in known:
                subscriptions.change(connection, name, {**terms, "due": None})
            else:
                subscriptions.add(connection, {
                    **terms, "id": name, "created": datetime.now(UTC), "manner": "push", "terms": "{}", "payload": "",
                    "headers": "[]", "cursor": 0, "events": 0, "delivered": 0, "heard": None, "failures": 0,
                    "refusals": 0, "due": None, "code": "", "content": "{}"})
