"""
Tell subscribers what changed, each in the order of changes, until it has heard.

Subscribers are served side by side and do not wait for each other. What happens after a try is decided by its code: a
receiver that is away or silent (NET-631, NET-632) is tried again with growing pauses, for as long as it takes; a
notification that it refuses (NET-630) is set aside, and many refusals in a row stop the subscription as in error.
"""

import logging
import random
import threading
from collections.abc import Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta

from fhir_adapter.errors import DeliveryError, Refused, StoreError
from fhir_adapter.service.delivery.parcel import Manner, Office, Parcel
from fhir_adapter.service.delivery.push import Push, agree
from fhir_adapter.service.delivery.resource import RestHook
from fhir_adapter.service.delivery.topic import TopicHook
from fhir_adapter.service.logs import tell
from fhir_adapter.service.patience import LONGEST, pause
from fhir_adapter.service.results import Results
from fhir_adapter.settings import Settings
from fhir_adapter.store import lookups, subscriptions
from fhir_adapter.store.only import the_one
from fhir_adapter.store.schema import AnyRow
from fhir_adapter.transport.peer import Peer

_AT_ONCE = 8
_REFUSALS = 10
_HANDSHAKES = 8
"""Tries of a handshake, some four minutes in all, before the subscription is in error."""


def manners(results: Results, settings: Settings) -> Mapping[str, Manner]:
    """The manners by the names that the store has for them. Raises ConfigurationError for a server's certificate."""
    office, peer = Office(results, settings), Peer(seconds=settings.subscription_seconds)
    return {"resource": RestHook(office, peer), "topic": TopicHook(office, peer), "push": Push(office)}


class Deliverer:
    """Works until `stop()`, in a thread of its own."""

    def __init__(self, results: Results, settings: Settings, *, look_seconds: float = 0.5) -> None:
        self._results, self._settings, self._look = results, settings, look_seconds
        self._manners = manners(results, settings)
        self._stopping = threading.Event()
        self._next_forgetting = datetime.now(UTC)

    def stop(self) -> None:
        """Begin nothing new; `run` returns when the notifications under way have ended."""
        self._stopping.set()

    def run(self) -> None:
        """Deliver until stopped; one process a database does it, another one where the database let go of this."""
        while not self._stopping.is_set():
            self._run()

    def _run(self) -> None:
        running: dict[str, Future[None]] = {}
        with ExitStack() as stack:
            hold = stack.enter_context(the_one(self._results.database, "deliverer", self._stopping))
            if hold is None:
                return
            threads = stack.enter_context(ThreadPoolExecutor(_AT_ONCE, thread_name_prefix="deliver"))
            agreed = False
            while not self._stopping.is_set() and hold.still():
                try:
                    if not agreed:
                        agree(self._results.database, self._results.tables, self._settings)
                        agreed = True
                    self._forget()
                    for name in self._due():
                        if name not in running or running[name].done():
                            running[name] = threads.submit(self._serve, name)
                except StoreError as error:
                    tell("store out of reach", level=logging.ERROR, code=error.issues[0].code)
                self._stopping.wait(self._look)

    def _forget(self) -> None:
        """Events of topics are kept for some days, for subscribers that ask for them again."""
        now = datetime.now(UTC)
        if now >= self._next_forgetting:
            self._next_forgetting = now + timedelta(hours=1)
            with self._results.database.writing() as connection:
                subscriptions.forget_events(connection, now - timedelta(days=self._settings.subscription_events_days))

    def _due(self) -> list[str]:
        now = datetime.now(UTC)
        with self._results.database.reading() as connection:
            newest, due = lookups.last_key(connection), subscriptions.due(connection, now, now + 2 * LONGEST)
        if over := [row.id for row in due if row.ends is not None and row.ends <= now]:
            with self._results.database.writing() as connection:
                subscriptions.turn_off(connection, over)
        return [row.id for row in due if row.id not in over and self._manners[row.manner].waiting(row, newest)]

    def _serve(self, name: str) -> None:
        """Some notifications to one subscriber."""
        try:
            # Read anew: what was seen when it fell due may be older than its last delivery.
            with self._results.database.reading() as connection:
                newest, row = lookups.last_key(connection), subscriptions.find(connection, name)
            if row is None or row.status in ("error", "off"):
                return
            parcels, nothing_before = self._manners[row.manner].parcels(row, newest)
            for parcel in parcels:
                if self._stopping.is_set() or not self._hand_over(row, parcel):
                    return
            # A parcel may have reached beyond what was newest when the look began.
            reached = max([int(row.cursor), *(int(str(parcel.taken.get("cursor", 0))) for parcel in parcels)])
            if reached < nothing_before:
                self._note(name, {"cursor": nothing_before})
        except StoreError as error:
            tell("store out of reach", level=logging.ERROR, code=error.issues[0].code)
        except Exception as error:  # whatever it was, this subscriber is tried again and the others go on
            tell("delivery failed", level=logging.ERROR, code="NET-604", exception=type(error).__name__)
            self._note(name, {"due": datetime.now(UTC) + LONGEST})

    def _hand_over(self, row: AnyRow, parcel: Parcel) -> bool:
        """One parcel; whether to go on with the next."""
        try:
            parcel.send()
        except Refused:
            return self._refused(row, parcel)
        except DeliveryError as error:
            self._failed(row, parcel, str(error))
            return False
        now = datetime.now(UTC)
        self._note(row.id, {**parcel.taken, "failures": 0, "refusals": 0, "code": "", "due": None, "heard": now})
        return True

    def _refused(self, row: AnyRow, parcel: Parcel) -> bool:
        now = datetime.now(UTC)
        with self._results.database.writing() as connection:
            current = subscriptions.find(connection, row.id)
            if current is None:
                return False
            refusals = current.refusals + 1
            for change in parcel.changes:
                subscriptions.bury(connection, row.id, change, "NET-630", now)
            over = {"status": "error"} if refusals >= _REFUSALS else {}
            noted = parcel.taken if parcel.changes else {"heard": now, **parcel.refused}
            subscriptions.change(connection, row.id, {**noted, "refusals": refusals, "code": "NET-630", **over})
        return bool(parcel.changes) and refusals < _REFUSALS

    def _failed(self, row: AnyRow, parcel: Parcel, code: str) -> None:
        with self._results.database.writing() as connection:
            current = subscriptions.find(connection, row.id)
            if current is None:
                return
            failures = current.failures + 1
            wait = pause(failures, random.random())  # noqa: S311 - only spreads tries
            over = parcel.refused if parcel.refused and failures >= _HANDSHAKES else {}
            subscriptions.change(connection, row.id, {
                "failures": failures, "code": code, "due": datetime.now(UTC) + wait, **over})

    def _note(self, name: str, values: dict[str, object]) -> None:
        with self._results.database.writing() as connection:
            subscriptions.change(connection, name, values)
