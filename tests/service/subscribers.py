"""A receiver of notifications, and a store with a deliverer that changes are made in."""

import json
import threading
import time
from contextlib import contextmanager
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from fhir_adapter.service.delivery.loop import Deliverer
from fhir_adapter.service.results import Results
from fhir_adapter.service.subscribe import Subscriptions
from fhir_adapter.store import results as stored_results
from fhir_adapter.store import subscriptions as stored
from fhir_adapter.store.results import Change


@contextmanager
def subscriber(says, port: int = 0):
    """A receiver; `says(number)` is the status of its n-th answer. Gives its port and what it got."""
    got: list[tuple[str, str, bytes]] = []

    class Handler(BaseHTTPRequestHandler):
        def answer(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            got.append((self.command, self.path, body))
            self.send_response(says(len(got)))
            self.send_header("Location", "http://127.0.0.1:1/elsewhere")
            self.send_header("Content-Length", "0")
            self.end_headers()

        do_PUT = do_POST = do_GET = answer  # noqa: N815 - the names of the library

        def log_message(self, *_) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", port), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield server.server_port, got
    finally:
        server.shutdown()
        server.server_close()


class World:
    """A store with a deliverer; `change` makes a new Flag."""

    def __init__(self, database, settings, tables) -> None:
        self.settings = settings.model_copy(update={"subscription_endpoints": ("http://127.0.0.1",),
                                                    "subscription_seconds": 1})
        self.results = Results(database, tables.results)

    def allow(self, port: int) -> None:
        self.settings = self.settings.model_copy(update={"subscription_endpoints": (f"http://127.0.0.1:{port}/hook",)})

    def subscribe(self, port: int, criteria: str = "Flag", **channel) -> str:
        self.allow(port)
        return Subscriptions(self.results, self.settings).create({
            "resourceType": "Subscription", "status": "requested", "criteria": criteria, "reason": "test",
            "channel": {"type": "rest-hook", "endpoint": f"http://127.0.0.1:{port}/hook",
                        "payload": "application/fhir+json", **channel}})["id"]

    def change(self, *names: str, kind: str = "Flag", report: str = "r") -> None:
        for name in names:
            with self.results.database.writing() as connection:
                stored_results.change(connection, [Change(
                    type=kind, id=name, report=report, digest=name, replaces=None,
                    content=json.dumps({"resourceType": kind, "id": name}))], datetime.now(UTC))

    def row(self, name: str):
        with self.results.database.reading() as connection:
            return stored.find(connection, name)

    def deliver(self, until) -> None:
        """Run a deliverer until `until()`; waits that it notes are cut short."""
        deliverer = Deliverer(self.results, self.settings, look_seconds=0.02)
        thread = threading.Thread(target=deliverer.run)
        thread.start()
        end = time.monotonic() + 30
        while not until() and time.monotonic() < end:
            with self.results.database.writing() as connection:
                for one in stored.everyone(connection):
                    stored.change(connection, one.id, {"due": None})
            time.sleep(0.02)
        deliverer.stop()
        thread.join()
        assert until()
