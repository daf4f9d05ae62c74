"""
Tell subscribers what changed, each in the order of changes, until it has heard.

Subscribers are served side by side and do not wait for each other. What happens after a try is decided by its code: a
receiver that is away or silent (NET-631, NET-632) is tried again with growing pauses, for as long as it takes; a
notification that it refuses (NET-630) is set aside, and many refusals in a row stop the subscription as in error.
"""

import json
import logging
import random
import threading
from collections.abc import Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qsl

from fhir_adapter.errors import DeliveryError, Refused, StoreError
from fhir_adapter.service.logs import tell
from fhir_adapter.service.results import Results, stored
from fhir_adapter.settings import Settings
from fhir_adapter.store import lookups, subscriptions
from fhir_adapter.store.only import only_one
from fhir_adapter.store.schema import AnyRow
from fhir_adapter.transport.webhook import allowed, notify

_AT_ONCE = 8
_A_TURN = 50
_REFUSALS = 10
_LONGEST = timedelta(minutes=10)


def pause(failures: int, chance: float) -> timedelta:
    """How long to wait after so many failures in a row: 1 s, 2 s, 4 s, … to ten minutes, varied by a quarter."""
    seconds = min(_LONGEST.total_seconds(), 2.0 ** min(failures - 1, 20))
    return timedelta(seconds=seconds * (0.75 + 0.5 * chance))


class Deliverer:
    """Works until `stop()`, in a thread of its own."""

    def __init__(self, results: Results, settings: Settings, *, look_seconds: float = 0.5) -> None:
        self._results, self._settings, self._look = results, settings, look_seconds
        self._stopping = threading.Event()

    def stop(self) -> None:
        """Begin nothing new; `run` returns when the notifications under way have ended."""
        self._stopping.set()

    def run(self) -> None:
        """Deliver until stopped; one process a database does it."""
        running: dict[str, Future[None]] = {}
        with ExitStack() as stack:
            while not self._stopping.is_set():
                if stack.enter_context(only_one(self._results.database, "deliverer")):
                    break
                self._stopping.wait(1)
            threads = stack.enter_context(ThreadPoolExecutor(_AT_ONCE, thread_name_prefix="deliver"))
            while not self._stopping.is_set():
                try:
                    for row in self._due():
                        if row.id not in running or running[row.id].done():
                            running[row.id] = threads.submit(self._serve, row)
                except StoreError as error:
                    tell("store out of reach", level=logging.ERROR, code=error.issues[0].code)
                self._stopping.wait(self._look)

    def _due(self) -> list[AnyRow]:
        now = datetime.now(UTC)
        with self._results.database.reading() as connection:
            newest = lookups.last_key(connection)
            return [row for row in subscriptions.due(connection, now, now + 2 * _LONGEST) if row.cursor < newest]

    def _serve(self, row: AnyRow) -> None:
        """Some notifications to one subscriber."""
        try:
            where = self._results.condition(row.kind, parse_qsl(row.query, keep_blank_values=True))
            with self._results.database.reading() as connection:
                newest = lookups.last_key(connection)
                news = subscriptions.news(connection, where, row.cursor, _A_TURN)
            for change in news:
                if self._stopping.is_set() or not self._tell(row, change):
                    return
            if len(news) < _A_TURN:
                self._note(row, {"cursor": max(newest, *(change.key for change in news), row.cursor)})
        except StoreError as error:
            tell("store out of reach", level=logging.ERROR, code=error.issues[0].code)
        except Exception as error:  # whatever it was, this subscriber is tried again and the others go on
            tell("delivery failed", level=logging.ERROR, code="NET-604", exception=type(error).__name__)
            self._note(row, {"due": datetime.now(UTC) + _LONGEST})

    def _tell(self, row: AnyRow, change: AnyRow) -> bool:
        """One notification; whether to go on with the next."""
        now = datetime.now(UTC)
        try:
            self.send(row, change)
        except Refused:
            with self._results.database.writing() as connection:
                current = subscriptions.find(connection, row.id)
                refusals = current.refusals + 1 if current is not None else 0
                if current is not None:
                    subscriptions.bury(connection, row.id, change, "NET-630", now)
                subscriptions.change(connection, row.id, {
                    "cursor": change.key, "refusals": refusals, "code": "NET-630",
                    "status": "error" if refusals >= _REFUSALS else row.status})
            return refusals < _REFUSALS
        except DeliveryError as error:
            with self._results.database.writing() as connection:
                current = subscriptions.find(connection, row.id)
                failures = current.failures + 1 if current is not None else 1
                wait = pause(failures, random.random())  # noqa: S311 - only spreads tries
                subscriptions.change(connection, row.id, {"failures": failures, "code": str(error), "due": now + wait})
            return False
        self._note(row, {"cursor": change.key, "failures": 0, "refusals": 0, "code": "", "due": None})
        return True

    def _note(self, row: AnyRow, values: dict[str, object]) -> None:
        with self._results.database.writing() as connection:
            subscriptions.change(connection, row.id, values)

    def send(self, row: AnyRow, change: AnyRow) -> None:
        """Send one change: a PUT of the resource to `<endpoint>/<type>/<id>`, or an empty POST without a payload.

        A PUT of the same version again changes nothing at the receiver. Raises a DeliveryError.
        """
        if not allowed(row.endpoint, self._settings.subscription_endpoints):
            raise Refused("NET-630")
        headers: dict[str, str] = dict(_header(one) for one in json.loads(row.headers))
        timeout = self._settings.subscription_seconds
        if not row.payload:
            notify(row.endpoint, b"", method="POST", headers=headers, timeout=timeout)
            return
        body = json.dumps(_resource(change), ensure_ascii=False).encode()
        notify(f"{row.endpoint.rstrip('/')}/{change.type}/{change.id}", body, method="PUT",
               headers=headers | {"Content-Type": row.payload}, timeout=timeout)


def _resource(change: AnyRow) -> Mapping[str, Any]:
    return stored(change).resource


def _header(line: str) -> tuple[str, str]:
    name, _, value = line.partition(":")
    return name, value.strip()


def retry(results: Results, deliverer: Deliverer, name: str) -> tuple[int, int]:
    """Send again what was set aside for a subscription, as it is now; how many were taken and how many are left."""
    with results.database.reading() as connection:
        row = subscriptions.find(connection, name)
        letters = subscriptions.buried(connection, name) if row is not None else []
    taken = 0
    for letter in letters:
        with results.database.reading() as connection:
            current = lookups.named(connection, [(letter.type, letter.id)])
        try:
            if current and row is not None:
                deliverer.send(row, current[0])
        except DeliveryError:
            continue
        with results.database.writing() as connection:
            subscriptions.exhume(connection, [letter.key])
        taken += 1
    return taken, len(letters) - taken
