"""
The process that keeps what arrives and works on it: an MLLP port if wanted, the embedded worker, the deliverer,
the fetcher.

It runs until SIGTERM or SIGINT, or until the process that started it is gone, and then finishes what it took.
"""

import asyncio
import os
import pickle
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from fhir_adapter import tables as tables_module
from fhir_adapter.deid.identity import ready
from fhir_adapter.errors import ConfigurationError, StoreError
from fhir_adapter.service.delivery.loop import Deliverer
from fhir_adapter.service.intake import Intake, open_intake
from fhir_adapter.service.logs import configure, tell
from fhir_adapter.service.queued import QueuedWorker
from fhir_adapter.service.reception import Reception
from fhir_adapter.service.results import Results
from fhir_adapter.service.sources.fetch import Fetcher
from fhir_adapter.service.worker import Worker
from fhir_adapter.settings import Settings

_SWITCH_SECONDS = 0.001
"""So long a thread computes while others wait: results are written beside the answers that senders wait for."""


def run(settings: Settings, *, started: Callable[[int | None], None] = lambda _: None) -> None:
    """Run until told to stop; `started` hears the MLLP port once it is listened on. Raises ConfigurationError."""
    ready(settings)
    sys.setswitchinterval(_SWITCH_SECONDS)
    tables = tables_module.load(settings.tables_dir)
    intake = open_intake(settings, tables)
    works = (worker_of(intake),
             Deliverer(Results(intake.database, tables.results), settings), Fetcher(intake))
    threads = tuple(threading.Thread(target=work.run, name=type(work).__name__) for work in works)
    try:
        asyncio.run(_run(Reception(intake), settings, started, threads))
    finally:
        for work in works:
            work.stop()
        for thread in threads:
            if thread.ident is not None:
                thread.join()
        intake.database.close()
    tell("stopped")


def worker_of(intake: Intake) -> Worker | QueuedWorker:
    """The worker for a store: alone on SQLite, one of many on PostgreSQL."""
    kind = Worker if intake.database.sqlite else QueuedWorker
    return kind(intake.database, intake.settings, intake.tables)


async def _run(reception: Reception, settings: Settings, started: Callable[[int | None], None],
               threads: Sequence[threading.Thread]) -> None:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    listening = settings.mllp_port is not None
    if listening:
        await reception.start()
        tell("mllp listening", port=reception.port)
    for thread in threads:
        thread.start()
    started(reception.port if listening else None)
    parent = os.getppid()
    while not stop.is_set() and all(thread.is_alive() for thread in threads):
        try:
            await asyncio.wait_for(stop.wait(), 1)
        except TimeoutError:
            if os.getppid() != parent:
                break
    if listening:
        await reception.stop()


@contextmanager
def beside(settings: Settings, *, ended: Callable[[], None]) -> Iterator[int | None]:
    """
    Run the workshop as a process beside this one until the block ends; gives the MLLP port.

    A workshop that cannot start is a ConfigurationError with its reason; `ended` is called where it ends by itself.
    Processes forked within the block may leave it too; the workshop stops when the one that began it leaves.
    """
    owner = os.getpid()
    # The settings go through a pipe: a command line or an environment would show their secrets.
    process = subprocess.Popen([sys.executable, "-c", f"from {__name__} import apart; apart()"],  # noqa: S603 - ourselves
                               stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=os.environ | {"PYTHONPATH": _path()})
    assert process.stdin is not None
    assert process.stdout is not None
    with process.stdin as pipe:
        pickle.dump(settings, pipe)
    said = process.stdout.readline().decode().strip()
    if not said.startswith(_STARTED):
        process.wait()
        raise ConfigurationError(said or "the process that keeps messages did not start")
    stopping = threading.Event()

    def watch() -> None:
        process.wait()
        if not stopping.is_set():
            ended()

    threading.Thread(target=watch, daemon=True, name="workshop watch").start()
    try:
        port = said.removeprefix(_STARTED).strip()
        yield int(port) if port else None
    finally:
        if os.getpid() == owner:
            stopping.set()
            process.terminate()
            process.wait()


_STARTED = "started"


def apart() -> None:
    """The life of the process that `beside` starts: settings from standard input, one line about the start out."""
    settings: Settings = pickle.load(sys.stdin.buffer)  # noqa: S301 - from our own parent, through its pipe
    configure(settings.log_level)
    try:
        run(settings, started=lambda port: print(_STARTED, port or "", flush=True))
    except (ConfigurationError, StoreError) as error:
        print(error, flush=True)


def _path() -> str:
    """Where the package is, for a process started from another folder."""
    return os.pathsep.join(filter(None, (str(Path(__file__).parents[2]), os.environ.get("PYTHONPATH", ""))))
