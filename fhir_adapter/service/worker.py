"""
The embedded worker: stored messages, in order, through `pipeline.convert`, and what they mean into the store.

One coordinator a database (a lock sees to it) hands messages to a pool of processes and writes down what comes back;
several results share a transaction. Two messages of one patient are never worked on at once. Until the transaction
that settles it is on disk a message counts as not processed: killed at any moment, it is simply done again.
"""

import logging
import threading
import time
from collections.abc import Sequence
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta

from fhir_adapter.errors import StoreError
from fhir_adapter.service.logs import tell
from fhir_adapter.service.pool import Done, Pool
from fhir_adapter.service.record import record
from fhir_adapter.settings import Settings
from fhir_adapter.store import audit, inference_jobs, messages
from fhir_adapter.store.database import Database
from fhir_adapter.store.messages import Work
from fhir_adapter.store.only import only_one
from fhir_adapter.store.retention import forget
from fhir_adapter.store.states import State
from fhir_adapter.tables import Tables

_LOOK_SECONDS = 0.1
_AHEAD = 200
_FORGET_SECONDS = 3600
_DEATHS = 2
"""After so many processes that did not survive it, a message is set aside as failed."""


class Worker:
    """Works until `stop()`; made to run in a thread of its own beside a listener, or alone."""

    def __init__(self, database: Database, settings: Settings, tables: Tables) -> None:
        self._database, self._settings, self._tables = database, settings, tables
        self._stopping = threading.Event()
        self._ahead: list[Work] = []
        self._running: dict[int, Work] = {}
        self._next_forgetting = 0.0

    def stop(self) -> None:
        """Begin nothing new; `run` returns when what was begun is written down, or after `shutdown_seconds`."""
        self._stopping.set()

    def run(self) -> None:
        """Work until stopped. A store out of reach is waited for; no result is lost by it, only done again."""
        with ExitStack() as stack:
            if not self._alone(stack):
                return
            pool = Pool(self._settings)
            stack.callback(pool.close)
            while not self._stopping.is_set():
                try:
                    self._forget()
                    self._turn(pool)
                except StoreError as error:
                    tell("store out of reach", level=logging.ERROR, code=error.issues[0].code)
                    self._ahead.clear()
                    self._stopping.wait(1)
            self._finish(pool)

    def _alone(self, stack: ExitStack) -> bool:
        """Wait until no other coordinator works on this database; False when stopped meanwhile."""
        told = False
        while not self._stopping.is_set():
            if stack.enter_context(only_one(self._database, "worker")):
                return True
            if not told:
                tell("another worker is at work")
                told = True
            self._stopping.wait(1)
        return False

    def _forget(self) -> None:
        """Once an hour, drop what is kept no longer."""
        if time.monotonic() < self._next_forgetting:
            return
        self._next_forgetting = time.monotonic() + _FORGET_SECONDS
        settings = self._settings
        processed, failed = timedelta(days=settings.keep_processed_days), timedelta(days=settings.keep_failed_days)
        contents = {State.PROCESSED: processed, State.DELIVERED: processed, State.REJECTED: failed,
                    State.FAILED: failed, State.FILTERED: failed}
        with self._database.writing() as connection:
            now = datetime.now(UTC)
            forget(connection, now=now, contents=contents, rows=timedelta(days=settings.keep_messages_days))
            audit.forget(connection, now - timedelta(days=settings.keep_audit_days))
            inference_jobs.forget(connection, now=now)

    def _turn(self, pool: Pool) -> None:
        if not self._ahead:
            with self._database.reading() as connection:
                self._ahead = list(messages.waiting(connection, now=datetime.now(UTC), limit=_AHEAD,
                                                    beyond=tuple(self._running)))
        self._begin(pool)
        self._write(list(pool.wait(_LOOK_SECONDS)))

    def _begin(self, pool: Pool) -> None:
        """Start what can be started: the first message of each patient of whom none is under way."""
        busy = {work.lane for work in self._running.values() if work.lane}
        left: list[Work] = []
        for work in self._ahead:
            if pool.free and work.lane not in busy:
                self._running[work.seq] = work
                pool.start(work.seq, work.payload)
            else:
                left.append(work)
            if work.lane:
                busy.add(work.lane)
        self._ahead = left

    def _write(self, ends: Sequence[Done]) -> None:
        """Write down ends in one transaction. Where it fails they are forgotten here, and so done again."""
        works = [self._running.pop(done.number) for done in ends]
        if not ends:
            return
        now = datetime.now(UTC)
        with self._database.writing() as connection:
            for done, work in zip(ends, works, strict=True):
                if done.died and work.attempts + 1 < _DEATHS:
                    messages.postpone(connection, work.seq, code="NET-624", due=now + timedelta(seconds=1))
                else:
                    record(connection, work.seq, done.processed, now=now, tables=self._tables)

    def _finish(self, pool: Pool) -> None:
        deadline = datetime.now(UTC) + timedelta(seconds=self._settings.shutdown_seconds)
        try:
            while self._running and datetime.now(UTC) < deadline:
                self._write(list(pool.wait(_LOOK_SECONDS)))
        except StoreError as error:
            tell("store out of reach", level=logging.ERROR, code=error.issues[0].code)
