"""
The worker of a store on PostgreSQL: on as many machines as wanted, fed by procrastinate's queue.

The queue hands out jobs, one patient's one by one and in order, and gives the jobs of a machine that went silent to
others. A job names a message; the message's own row says whether it still is to be processed, so that a job that is
done twice has no effect the second time. Jobs are taken several at a time and end in the transaction that writes their
results: procrastinate's own worker, which asks for each job alone, costs more than reading a report does.
"""

import logging
import threading
from collections.abc import Iterable, Sequence
from contextlib import suppress

from fhir_adapter.errors import StoreError
from fhir_adapter.service.logs import tell
from fhir_adapter.service.workbench import End, Workbench
from fhir_adapter.service.worker import Forgetting, Look, finish
from fhir_adapter.settings import Settings
from fhir_adapter.store import messages, queue
from fhir_adapter.store.database import Connection, Database
from fhir_adapter.tables import Tables

_AHEAD = 8
"""Jobs that a machine holds for each of its processes, so that these never wait for the queue."""
HEARTBEAT_SECONDS = 2.0
SILENT_SECONDS = 10.0
"""After so long without a sign of life, the jobs of a machine are given to others."""


class QueuedWorker:
    """Works until `stop()`; made to run in a thread of its own beside a listener, or alone."""

    def __init__(self, database: Database, settings: Settings, tables: Tables) -> None:
        self._database, self._settings, self._tables = database, settings, tables
        self._stopping, self._ended = threading.Event(), threading.Event()
        self._held: dict[int, list[int]] = {}
        """The jobs of each message that is held; a message may have come with more than one."""
        self._worker: int | None = None
        self._more = False
        """Whether there may be more jobs, without anything having been kept meanwhile."""
        self._most = _AHEAD * settings.engine_processes

    def stop(self) -> None:
        """Begin nothing new; `run` returns when what was begun is written down, or after `shutdown_seconds`."""
        self._stopping.set()

    def run(self) -> None:
        """Work until stopped. A store out of reach is waited for; no result is lost by it, only done again."""
        bench = Workbench(self._database, self._settings, self._tables, beside=self._done)
        living = threading.Thread(target=self._live, name="heartbeat")
        living.start()
        forgetting, look = Forgetting(self._database, self._settings), Look(self._database)
        try:
            while not self._stopping.is_set():
                try:
                    forgetting.at_times()
                    if len(self._held) < self._most and (look.due() or self._more):
                        bench.offer(self._fetched())
                except StoreError as error:
                    self._out_of_reach(error)
                self._settle(bench, bench.turn())
            for ends in finish(bench, self._settings.shutdown_seconds):
                self._settle(None, ends)
        finally:
            self._ended.set()
            living.join()
            bench.close()
            self._leave()

    def _fetched(self) -> Sequence[messages.Work]:
        """The messages of the next jobs; jobs whose messages are settled are done."""
        if self._worker is None:
            self._worker = self._registered()
        with self._database.beside() as connection:
            held = len(self._held)
            jobs = queue.fetch(connection, self._worker, self._most - held)
            works = messages.works(connection, [seq for _, seq in jobs])
            wanted = {work.seq for work in works}
            queue.done(connection, [job for job, seq in jobs if seq not in wanted])
        self._more = len(jobs) == self._most - held
        fresh = wanted - self._held.keys()
        for job, seq in jobs:
            if seq in wanted:
                self._held.setdefault(seq, []).append(job)
        return [work for work in works if work.seq in fresh]

    def _registered(self) -> int:
        """Enter this machine in the queue, with jobs made for what waits without one."""
        with self._database.writing() as connection:
            if number := queue.defer_missing(connection, begun=True):
                tell("messages without a job", status=number)
            return queue.register(connection)

    def _done(self, connection: Connection, ended: Sequence[int], again: Sequence[int]) -> None:
        """Within the transaction that writes how messages ended: so do their jobs."""
        queue.done(connection, self._jobs(ended))
        queue.again(connection, self._jobs(again))

    def _jobs(self, seqs: Iterable[int]) -> list[int]:
        return [job for seq in seqs for job in self._held.get(seq, ())]

    def _settle(self, bench: Workbench | None, ends: Sequence[End]) -> None:
        """Let go of what was written down; what could not be is done again here, in its place among the others."""
        failed = [end.work for end in ends if end.error]
        self._more = self._more or bool(ends)  # the next message of a patient may be had now
        for end in ends:
            if not end.error:
                del self._held[end.work.seq]
        if failed and bench is not None:
            self._stopping.wait(1)
            bench.offer(failed)

    def _live(self) -> None:
        """Give signs of life, and give the jobs of machines that went silent back to the queue."""
        while not self._ended.wait(HEARTBEAT_SECONDS):
            if self._worker is None:
                continue
            try:
                with self._database.beside() as connection:
                    queue.live(connection, self._worker)
                    if number := queue.take_up(connection, SILENT_SECONDS):
                        tell("jobs taken up again", status=number)
            except StoreError:
                continue  # told by who fetches; and who is silent for too long is not needed

    def _out_of_reach(self, error: StoreError) -> None:
        tell("store out of reach", level=logging.ERROR, code=error.issues[0].code)
        self._worker = None  # others may have thought that this machine is gone
        self._stopping.wait(1)

    def _leave(self) -> None:
        """What is still held was not written down: its jobs are done by whomever."""
        if self._worker is not None:
            with suppress(StoreError), self._database.beside() as connection:
                queue.again(connection, self._jobs(self._held))
                queue.leave(connection, self._worker)
