"""
R4 rest-hook: each change as a PUT of the resource to `<endpoint>/<type>/<id>`, or an empty POST without a payload.

FHIR R4, 2.46.7.1. A PUT of the same version again changes nothing at the receiver.
"""

import json
from collections.abc import Mapping, Sequence

from fhir_adapter.errors import Refused
from fhir_adapter.service.delivery.parcel import Office, Parcel
from fhir_adapter.service.results import stored
from fhir_adapter.service.subscribe import watched
from fhir_adapter.store import subscriptions
from fhir_adapter.store.schema import AnyRow
from fhir_adapter.transport.endpoints import allowed
from fhir_adapter.transport.peer import Peer

_A_TURN = 50


class RestHook:
    """Tells subscribers of R4's own kind."""

    def __init__(self, office: Office, peer: Peer) -> None:
        self._office, self._peer = office, peer

    def waiting(self, row: AnyRow, newest: int) -> bool:
        """Whether something changed since the last that it heard of."""
        return bool(row.status == "active" and row.cursor < newest)

    def parcels(self, row: AnyRow, newest: int) -> tuple[Sequence[Parcel], int]:
        """One parcel a change."""
        with self._office.results.database.reading() as connection:
            where = watched(self._office.results, row)
            news = subscriptions.news(connection, where, row.cursor, _A_TURN)
        parcels = [Parcel(send=lambda change=change: self.again(row, change),  # type: ignore[misc]
                          taken={"cursor": change.key}, changes=(change,)) for change in news]
        return parcels, newest if len(news) < _A_TURN else row.cursor

    def again(self, row: AnyRow, change: AnyRow) -> None:
        """Send one change."""
        if not allowed(row.endpoint, self._office.settings.subscription_endpoints):
            raise Refused("NET-630")
        headers = headers_of(row)
        if not row.payload:
            self._peer.exchange(row.endpoint, method="POST", headers=headers)
            return
        body = json.dumps(stored(change).resource, ensure_ascii=False).encode()
        self._peer.exchange(f"{row.endpoint.rstrip('/')}/{change.type}/{change.id}", body, method="PUT",
                            headers={**headers, "Content-Type": row.payload})


def headers_of(row: AnyRow) -> Mapping[str, str]:
    """The headers that a subscriber wants to be sent."""
    lines = (line.partition(":") for line in json.loads(row.headers))
    return {name: value.strip() for name, _, value in lines}
