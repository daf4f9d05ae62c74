"""
The service, with a place at which it kills itself.

    python -m tests.crash.victim PORT [POINT NTH]

kills its own process with SIGKILL right after the NTH call of the function that POINT names: no handler runs, no buffer
is flushed, no lock is given back by hand. The product knows nothing of it.
"""

import functools
import inspect
import os
import signal
import sys
from importlib import import_module

from fhir_adapter import settings
from fhir_adapter.service import logs, queued, workshop

POINTS = {
    "written, not committed": "fhir_adapter.store.messages:keep",
    "committed, not answered": "fhir_adapter.service.reception:Reception._write",
    "answered, not noted": "fhir_adapter.transport.mllp:_Connection._write",
    "handed out": "fhir_adapter.service.pool:Pool.start",
    "result written, not committed": "fhir_adapter.service.workbench:record_all",
    "version written, resources not": "fhir_adapter.store.results:add_versions",
    "resources written, index not": "fhir_adapter.store.results:change",
    "result committed": "fhir_adapter.service.workbench:Workbench.write",
}


def kill_after(point: str, nth: int) -> None:
    """Arrange the death."""
    module, _, path = POINTS[point].partition(":")
    *owner, name = path.split(".")
    place = functools.reduce(getattr, owner, import_module(module))
    real = getattr(place, name)
    calls = 0

    def count() -> None:
        nonlocal calls
        calls += 1
        if calls >= nth:
            os.kill(os.getpid(), signal.SIGKILL)

    def called(*given, **named):
        out = real(*given, **named)
        count()
        return out

    async def awaited(*given, **named):
        out = await real(*given, **named)
        count()
        return out

    setattr(place, name, awaited if inspect.iscoroutinefunction(real) else called)


def main() -> None:
    """Run until killed or told to stop."""
    port, *death = sys.argv[1:]
    if death:
        kill_after(death[0], int(death[1]))
    queued.SILENT_SECONDS, queued.HEARTBEAT_SECONDS = 2.0, 0.5  # so that a life sees what the one before it left
    loaded = settings.load(mllp_port=int(port), engine_processes=1)
    logs.configure("ERROR")
    workshop.run(loaded)


if __name__ == "__main__":
    main()
