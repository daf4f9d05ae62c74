"""
The process that keeps what arrives and works on it: an MLLP port and the embedded worker, each if wanted.

It runs until SIGTERM or SIGINT, or until the process that started it is gone, and then finishes what it took.
"""

import asyncio
import os
import signal
import threading
from collections.abc import Callable

from fhir_adapter import tables as tables_module
from fhir_adapter.deid.keys import keys_of
from fhir_adapter.service.intake import open_intake
from fhir_adapter.service.logs import tell
from fhir_adapter.service.reception import Reception
from fhir_adapter.service.worker import Worker
from fhir_adapter.settings import Settings


def run(settings: Settings, *, started: Callable[[int | None], None] = lambda _: None) -> None:
    """Run until told to stop; `started` hears the MLLP port once it is listened on. Raises ConfigurationError."""
    keys_of(settings)
    tables = tables_module.load(settings.tables_dir)
    intake = open_intake(settings, tables)
    worker = Worker(intake.database, settings, tables)
    thread = threading.Thread(target=worker.run, name="worker")
    try:
        asyncio.run(_run(Reception(intake), settings, started, thread))
    finally:
        worker.stop()
        if thread.ident is not None:
            thread.join()
        intake.database.close()
    tell("stopped")


async def _run(reception: Reception, settings: Settings, started: Callable[[int | None], None],
               worker: threading.Thread) -> None:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    listening = settings.mllp_port is not None
    if listening:
        await reception.start()
        tell("mllp listening", port=reception.port)
    worker.start()
    started(reception.port if listening else None)
    parent = os.getppid()
    while not stop.is_set() and worker.is_alive():
        try:
            await asyncio.wait_for(stop.wait(), 1)
        except TimeoutError:
            if os.getppid() != parent:
                break
    if listening:
        await reception.stop()
