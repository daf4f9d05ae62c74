"""
The worker of a store on PostgreSQL: on as many machines as wanted, fed by procrastinate.

procrastinate hands out jobs, one patient's one by one and in order, and gives the jobs of a machine that went silent to
others. A job names a message; the message's own row says whether it still is to be processed, so that a job that is
done twice has no effect the second time.
"""

import asyncio
import logging
import threading
from collections import deque
from collections.abc import Callable
from concurrent.futures import Future
from contextlib import suppress
from datetime import UTC, datetime
from functools import partial
from typing import TYPE_CHECKING

from fhir_adapter.errors import StoreError
from fhir_adapter.service.logs import tell
from fhir_adapter.service.workbench import End, Workbench
from fhir_adapter.service.worker import Forgetting, finish
from fhir_adapter.settings import Settings
from fhir_adapter.store import messages, queue
from fhir_adapter.store.database import Database
from fhir_adapter.tables import Tables

if TYPE_CHECKING:
    from procrastinate import App

_AHEAD = 8
"""Jobs that a machine holds for each of its processes, so that these never wait for the queue."""
HEARTBEAT_SECONDS = 2.0
SILENT_SECONDS = 10.0
"""After so long without a sign of life, the jobs of a machine are given to others."""


class _AgainError(Exception):
    """A job is to be tried again; says nothing of its message."""


class QueuedWorker:
    """Works until `stop()`; made to run in a thread of its own beside a listener, or alone."""

    def __init__(self, database: Database, settings: Settings, tables: Tables) -> None:
        self._database, self._settings, self._tables = database, settings, tables
        self._stopping = threading.Event()
        self._coming: deque[tuple[int, Future[None]]] = deque()
        self._held: dict[int, list[Future[None]]] = {}
        self._closed, self._gate = False, threading.Lock()
        self._bench: Workbench | None = None
        self._end_fetching: Callable[[], object] | None = None

    def stop(self) -> None:
        """Begin nothing new; `run` returns when what was begun is written down, or after `shutdown_seconds`."""
        self._stopping.set()
        with self._gate:
            end, self._end_fetching = self._end_fetching, None
        if end is not None:  # once only: a second time would end it before its jobs are noted as done
            with suppress(RuntimeError):  # its loop ended meanwhile
                end()

    def run(self) -> None:
        """Work until stopped. A store out of reach is waited for; no result is lost by it, only done again."""
        bench = self._bench = Workbench(self._database, self._settings, self._tables)
        fetching = threading.Thread(target=self._fetch, name="jobs")
        forgetting = Forgetting(self._database, self._settings)
        fetching.start()
        try:
            while fetching.is_alive() and not self._stopping.is_set():
                try:
                    forgetting.at_times()
                    self._offer(bench)
                except StoreError as error:
                    tell("store out of reach", level=logging.ERROR, code=error.issues[0].code)
                    self._stopping.wait(1)
                self._tell(bench.turn())
            for ends in finish(bench, self._settings.shutdown_seconds):
                self._tell(ends)
        finally:
            # What is still held was not written down: its jobs are tried again, by whomever.
            self.stop()
            with self._gate:
                self._closed = True
                left = [*(one for some in self._held.values() for one in some), *(one for _, one in self._coming)]
            for future in left:
                future.set_exception(_AgainError())
            fetching.join()
            bench.close()

    def _offer(self, bench: Workbench) -> None:
        """What procrastinate handed over since, read from the store in one go."""
        some: list[tuple[int, Future[None]]] = []
        while self._coming:
            some.append(self._coming.popleft())
        if not some:
            return
        try:
            with self._database.reading() as connection:
                works = messages.works(connection, [seq for seq, _ in some])
        except StoreError:
            self._coming.extendleft(reversed(some))
            raise
        wanted = {work.seq for work in works}
        for seq, future in some:
            if seq in wanted:
                self._held.setdefault(seq, []).append(future)
            else:
                future.set_result(None)
        bench.offer(work for work in works if len(self._held[work.seq]) == 1)

    def _tell(self, ends: tuple[End, ...]) -> None:
        """Let procrastinate know how its jobs ended."""
        for end in ends:
            for future in self._held.pop(end.work.seq, []):
                if end.again or end.error:
                    future.set_exception(_AgainError())
                else:
                    future.set_result(None)

    def _fetch(self) -> None:
        """The life of the thread that asks procrastinate for jobs."""
        while not self._stopping.is_set():
            try:
                asyncio.run(self._jobs())
            except Exception as error:  # procrastinate's and the driver's, whose texts may quote
                tell("store out of reach", level=logging.ERROR, code="NET-620", exception=type(error).__name__)
            self._stopping.wait(1)

    async def _jobs(self) -> None:
        with self._database.writing() as connection:
            if number := queue.defer_missing(connection, begun=True):
                tell("messages without a job", status=number)
        async with self._app().open_async() as app:
            fetching = asyncio.create_task(app.run_worker_async(
                queues=[queue.QUEUE], concurrency=_AHEAD * self._settings.engine_processes, delete_jobs="always",
                install_signal_handlers=False, update_heartbeat_interval=HEARTBEAT_SECONDS,
                stalled_worker_timeout=SILENT_SECONDS, fetch_job_polling_interval=1.0,
                shutdown_graceful_timeout=self._settings.shutdown_seconds + HEARTBEAT_SECONDS))
            self._end_fetching = partial(asyncio.get_running_loop().call_soon_threadsafe, fetching.cancel)
            if self._stopping.is_set():
                self.stop()
            taking_up = asyncio.create_task(self._take_up(app))
            try:
                with suppress(asyncio.CancelledError):
                    await fetching
            finally:
                taking_up.cancel()

    async def _take_up(self, app: "App") -> None:
        """Give the jobs of machines that went silent back to the queue."""
        while True:
            for job in await app.job_manager.get_stalled_jobs(seconds_since_heartbeat=SILENT_SECONDS):
                await app.job_manager.retry_job(job, retry_at=datetime.now(UTC))
                tell("job taken up again")
            await asyncio.sleep(HEARTBEAT_SECONDS)

    def _app(self) -> "App":
        from procrastinate import App, PsycopgConnector, RetryStrategy

        for name in ("procrastinate", "psycopg", "psycopg.pool"):
            logging.getLogger(name).setLevel(logging.CRITICAL + 1)
        url = self._database.engine.url.set(drivername="postgresql").render_as_string(hide_password=False)
        # A job that is handed out or deleted twice does no harm, so its commits need not wait for the disk.
        app = App(connector=PsycopgConnector(conninfo=url, min_size=2, max_size=4, kwargs={
            "connect_timeout": 5, "options": "-c synchronous_commit=off"}))

        @app.task(name=queue.TASK, queue=queue.QUEUE, retry=RetryStrategy(wait=1))
        async def process(seq: int) -> None:
            coming: Future[None] = Future()
            with self._gate:
                if self._closed:
                    raise _AgainError
                self._coming.append((seq, coming))
            if self._bench is not None:
                self._bench.wake()
            await asyncio.wrap_future(coming)

        return app

