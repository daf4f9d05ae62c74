"""
Subscriptions R5 Backport: handshake, heartbeat, and events by number.

Changes are made events first, in the store; what is sent is events. A number once given stays with its change, so a
subscriber knows a repetition by it and asks for a gap with `$events`. A subscription that is asked for is `requested`
until its endpoint has taken the handshake.
"""

import json
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from fhir_adapter.emitters.notification import Standing, Type, notification
from fhir_adapter.errors import Refused
from fhir_adapter.service.delivery.parcel import Office, Parcel
from fhir_adapter.service.delivery.resource import headers_of
from fhir_adapter.service.subscribe import watched
from fhir_adapter.service.topics import base_of, between, standing, terms_of
from fhir_adapter.store import subscriptions
from fhir_adapter.store.schema import AnyRow
from fhir_adapter.transport.endpoints import allowed
from fhir_adapter.transport.peer import Peer

_A_TURN = 200


class TopicHook:
    """Tells subscribers of a topic."""

    def __init__(self, office: Office, peer: Peer) -> None:
        self._office, self._peer = office, peer

    def waiting(self, row: AnyRow, newest: int) -> bool:
        """Whether there is a handshake, an event or a heartbeat to send, or a change to look at."""
        return (row.status == "requested" or row.cursor < newest or row.delivered < row.events
                or self._silent_for_long(row))

    def _silent_for_long(self, row: AnyRow) -> bool:
        seconds = terms_of(row).heartbeat
        return bool(seconds) and datetime.now(UTC) - (row.heard or row.created) >= timedelta(seconds=seconds)

    def parcels(self, row: AnyRow, newest: int) -> tuple[Sequence[Parcel], int]:
        """The handshake alone, or events, or a heartbeat where there are none."""
        if row.status == "requested":
            shaken = Parcel(send=lambda: self._send(row, "handshake", standing(row)), taken={"status": "active"},
                            refused={"status": "error"})
            return [shaken], row.cursor
        last = self._numbered(row, newest)
        with self._office.results.database.reading() as connection:
            owed = subscriptions.events(connection, row.id, row.delivered + 1, last, terms_of(row).most)
        if owed:
            first, upto = owed[0].number, owed[-1].number
            return [Parcel(send=lambda: self._events(row, first, upto), taken={"delivered": upto},
                           changes=tuple(owed))], row.cursor
        if self._silent_for_long(row):
            return [Parcel(send=lambda: self._send(row, "heartbeat", standing(row)), taken={})], row.cursor
        return [], row.cursor

    def _numbered(self, row: AnyRow, newest: int) -> int:
        """Make events of what changed; the number of the last event."""
        if row.cursor >= newest:
            return int(row.events)
        with self._office.results.database.writing() as connection:
            current = subscriptions.find(connection, row.id)
            if current is None:
                return int(row.events)
            news = subscriptions.news(connection, watched(self._office.results, row), current.cursor, _A_TURN)
            last = subscriptions.number(connection, row.id, news, current.events, datetime.now(UTC))
            reached = news[-1].key if len(news) == _A_TURN else max(newest, *(one.key for one in news[-1:]), 0)
            subscriptions.change(connection, row.id, {"cursor": reached, "events": last})
        return last

    def _events(self, row: AnyRow, first: int, last: int) -> None:
        terms = terms_of(row)
        with self._office.results.database.reading() as connection:
            events = between(connection, row, first, last, terms.most)
        self._post(row, notification(standing(row, events=last), "event-notification",
                                     base_of(self._office.settings), events, content=terms.content))

    def _send(self, row: AnyRow, kind: Type, where: Standing) -> None:
        self._post(row, notification(where, kind, base_of(self._office.settings)))

    def _post(self, row: AnyRow, bundle: object) -> None:
        if not allowed(row.endpoint, self._office.settings.subscription_endpoints):
            raise Refused("NET-630")
        self._peer.exchange(row.endpoint, json.dumps(bundle, ensure_ascii=False).encode(), method="POST",
                            headers={**headers_of(row), "Content-Type": row.payload or "application/fhir+json"},
                            seconds=terms_of(row).timeout or None)

    def again(self, row: AnyRow, change: AnyRow) -> None:
        """Send the last event of a change that was set aside."""
        with self._office.results.database.reading() as connection:
            number = subscriptions.last_event_of(connection, row.id, change.type, change.id)
        if number is not None:
            self._events(row, number, number)
