"""
The HTTP service under gunicorn: several processes, each with a few threads, the engine loaded once before they fork.

A process that is asked finishes what it took when the service stops. A slow client holds a thread, not a process, and
not for longer than `web.connections` gives it; put a proxy that buffers requests in front where many may be slow.
"""

import gc
import os
import shutil
import signal
import sys
import tempfile
from contextlib import nullcontext
from pathlib import Path
from typing import Any

from fhir_adapter.service import logs, workshop
from fhir_adapter.settings import Settings


def serve(settings: Settings, *, demo: bool = False) -> None:
    """Serve until told to stop; `demo` fills an empty store with invented traffic.

    Raises ConfigurationError before anything is listened on.
    """
    from fhir_adapter.web import access

    access.check_address(settings)
    # Set before prometheus_client is imported: it decides then how it counts.
    folder, owner = Path(tempfile.mkdtemp(prefix="fhir-adapter-metrics-")), os.getpid()
    os.environ["PROMETHEUS_MULTIPROC_DIR"] = str(folder)
    try:
        _run(settings, demo=demo)
    finally:
        if os.getpid() == owner:  # the processes that gunicorn forks leave through here too
            shutil.rmtree(folder, ignore_errors=True)


def _run(settings: Settings, *, demo: bool) -> None:
    from gunicorn.app.base import BaseApplication

    from fhir_adapter.service.adapter import adapter
    from fhir_adapter.service.demo.seed import beside as traffic
    from fhir_adapter.web.app import create_app

    logs.configure(settings.log_level)
    loaded = adapter(settings)
    gc.freeze()  # tables are no garbage, and stay shared by the processes that are forked from here
    application = create_app(loaded, demo=demo)

    def listening(arbiter: Any) -> None:
        # Said when it is so, and with the port that was given out where any would do.
        port = arbiter.LISTENERS[0].sock.getsockname()[1]
        print(f"fhir-adapter listens on http://{settings.host}:{port} ({loaded.engine.name})", file=sys.stderr,
              flush=True)
        if demo:
            print(f"Look at it: http://{settings.host}:{port}/try (or / for the overview)", file=sys.stderr, flush=True)

    class Server(BaseApplication):  # type: ignore[misc]  # gunicorn has no types
        def load_config(self) -> None:
            for name, value in _options(settings).items():
                self.cfg.set(name, value)
            self.cfg.set("when_ready", listening)

        def load(self) -> Any:
            return application

    if not settings.api_keys:
        print("No api_keys are set: everyone on this machine is answered.", file=sys.stderr)
    ended: list[bool] = []

    def stop() -> None:
        # What keeps and works on messages is gone: end too, with an error, and let whoever started us start anew.
        ended.append(True)
        os.kill(os.getpid(), signal.SIGTERM)

    # The traffic before the workshop: it works on the database until there is something to see.
    with traffic(loaded) if demo else nullcontext(), workshop.beside(settings, ended=stop) as mllp:
        if mllp is not None:
            print(f"fhir-adapter listens for HL7 over MLLP on {settings.host}:{mllp}", file=sys.stderr, flush=True)
        try:
            Server().run()
        finally:
            if ended:
                sys.exit(1)


def _options(settings: Settings) -> dict[str, object]:
    from fhir_adapter.web.connections import timed

    # loglevel: below critical, gunicorn writes down addresses with their queries and parts of broken requests.
    return {
        "bind": f"{settings.host}:{settings.port}", "workers": settings.workers, "threads": 8,
        "worker_class": timed(settings.http_head_seconds, settings.http_body_seconds), "preload_app": True,
        "timeout": 60, "graceful_timeout": 30, "keepalive": 15, "limit_request_line": 4094, "limit_request_fields": 100,
        "accesslog": None, "errorlog": "-", "loglevel": "critical", "control_socket_disable": True,
        "child_exit": _forget,
    }


def _forget(_: object, worker: Any) -> None:
    """A process that ended leaves its counts, but no gauges that claim to be now."""
    from prometheus_client.multiprocess import mark_process_dead

    mark_process_dead(worker.pid)  # type: ignore[no-untyped-call]
