"""
The embedded worker: the stored messages of one database, in order, on one machine.

One coordinator a database (a lock sees to it) looks into the store for what waits. On PostgreSQL, where several
machines may work, `service.queued` takes its place.
"""

import logging
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta

from fhir_adapter.errors import StoreError
from fhir_adapter.service.logs import tell
from fhir_adapter.service.workbench import End, Workbench
from fhir_adapter.settings import Settings
from fhir_adapter.store import audit, inference_jobs, messages, queue
from fhir_adapter.store.database import Database
from fhir_adapter.store.only import only_one, the_one
from fhir_adapter.store.retention import forget
from fhir_adapter.store.states import State
from fhir_adapter.tables import Tables

_AHEAD = 200
_FORGET_SECONDS = 3600
_SILENT_SECONDS = 15


class Worker:
    """Works until `stop()`; made to run in a thread of its own beside a listener, or alone."""

    def __init__(self, database: Database, settings: Settings, tables: Tables) -> None:
        self._database, self._settings, self._tables = database, settings, tables
        self._stopping = threading.Event()

    def stop(self) -> None:
        """Begin nothing new; `run` returns when what was begun is written down, or after `shutdown_seconds`."""
        self._stopping.set()

    def run(self) -> None:
        """Work until stopped. A store out of reach is waited for; no result is lost by it, only done again."""
        with ExitStack() as stack:
            if not stack.enter_context(the_one(self._database, "worker", self._stopping,
                                               waiting=lambda: tell("another worker is at work"))):
                return
            bench = Workbench(self._database, self._settings, self._tables)
            stack.callback(bench.close)
            forgetting, look = Forgetting(self._database, self._settings), Look(self._database)
            while not self._stopping.is_set():
                try:
                    forgetting.at_times()
                    if not bench.ahead and look.due():
                        bench.offer(self._waiting(bench.running))
                except StoreError as error:
                    tell("store out of reach", level=logging.ERROR, code=error.issues[0].code)
                    self._stopping.wait(1)
                if any(end.error for end in bench.turn()):
                    # What could not be written is found in the store again, in its place among the others.
                    bench.clear()
                    self._stopping.wait(1)
            for _ in finish(bench, self._settings.shutdown_seconds):
                pass

    def _waiting(self, beyond: tuple[int, ...]) -> tuple[messages.Work, ...]:
        with self._database.reading() as connection:
            return messages.waiting(connection, now=datetime.now(UTC), limit=_AHEAD, beyond=beyond)


def at_work(database: Database) -> bool:
    """Whether a worker works on this database, here or elsewhere."""
    if not database.sqlite:
        with database.reading() as connection:
            return queue.at_work(connection, seconds=_SILENT_SECONDS)
    with only_one(database, "worker") as free:
        return not free


def finish(bench: Workbench, seconds: float) -> Iterator[tuple[End, ...]]:
    """Write down what was begun, at most so long, turn by turn; the rest is done again by the next worker."""
    bench.clear()
    deadline = time.monotonic() + seconds
    while bench.running and time.monotonic() < deadline:
        yield bench.turn()


class Look:
    """When to look for messages that wait: soon after this process kept some, now and then for those of others."""

    _SOON, _NOW_AND_THEN = 0.02, 0.1

    def __init__(self, database: Database) -> None:
        self._turns, self._seen, self._last = database.turns, -1, 0.0

    def due(self) -> bool:
        """Whether to look now; the time until the next look begins with a yes."""
        now, kept = time.monotonic(), self._turns.hurried
        if now - self._last < (self._NOW_AND_THEN if kept == self._seen else self._SOON):
            return False
        self._seen, self._last = kept, now
        return True


class Forgetting:
    """Once an hour, drops what is kept no longer."""

    def __init__(self, database: Database, settings: Settings) -> None:
        self._database, self._settings, self._next = database, settings, 0.0

    def at_times(self) -> None:
        """Drop what is over its time, if an hour has passed; raises StoreError."""
        if time.monotonic() < self._next:
            return
        self._next = time.monotonic() + _FORGET_SECONDS
        settings, now = self._settings, datetime.now(UTC)
        processed, failed = timedelta(days=settings.keep_processed_days), timedelta(days=settings.keep_failed_days)
        contents = {State.PROCESSED: processed, State.DELIVERED: processed, State.REJECTED: failed,
                    State.FAILED: failed, State.FILTERED: failed}
        with self._database.writing() as connection:
            forget(connection, now=now, contents=contents, rows=timedelta(days=settings.keep_messages_days))
            audit.forget(connection, now - timedelta(days=settings.keep_audit_days))
            inference_jobs.forget(connection, now=now)
