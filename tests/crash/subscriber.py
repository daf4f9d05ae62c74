"""
A subscriber that dies, answers 500, hangs and answers late, and a deliverer that is killed: who has heard of what?

    python -m tests.crash.subscriber --changes 200 --seed 1 [--postgresql]

The subscriber writes what it takes into a ledger, on disk before it answers. At the end every change is in the ledger,
first heard of in its order, and heard again only where the subscriber itself had given no answer in time.
"""

import argparse
import json
import os
import random
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from fhir_adapter import tables as tables_module
from fhir_adapter.service.delivery.loop import Deliverer
from fhir_adapter.service.results import Results
from fhir_adapter.service.subscribe import Subscriptions
from fhir_adapter.settings import Settings, load
from fhir_adapter.store import migrate, subscriptions
from fhir_adapter.store import results as stored
from fhir_adapter.store.database import connect

MOODS = ("well", "well", "well", "well", "500", "hangs", "late", "dies before", "dies after")
PATIENCE = 1.0


def listen(port: int, ledger: Path, seed: int) -> None:
    """The subscriber's life; it ends by its own hand, or with its process."""
    chance = random.Random(seed)

    class Handler(BaseHTTPRequestHandler):
        def do_PUT(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            mood = chance.choice(MOODS) if seed else "well"
            if mood == "dies before":
                os._exit(1)
            if mood == "500":
                self.send_error(500)
                return
            with ledger.open("a") as file:
                file.write(f"{body['id']} {mood}\n")
                file.flush()
                os.fsync(file.fileno())
            if mood == "dies after":
                os._exit(1)
            time.sleep({"hangs": 3 * PATIENCE, "late": 0.4 * PATIENCE}.get(mood, 0))
            with suppress(OSError):
                self.send_response(200)
                self.send_header("Content-Length", "0")
                self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    ThreadingHTTPServer(("127.0.0.1", port), Handler).serve_forever()


class Campaign:
    """One store, one subscriber of many lives, one deliverer of many lives."""

    def __init__(self, settings: Settings, seed: int) -> None:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self.settings = settings.model_copy(update={
            "subscription_endpoints": (f"http://127.0.0.1:{self.port}/hook",), "subscription_seconds": PATIENCE})
        self.chance, self.kills = random.Random(seed), 0
        self.ledger = settings.data_dir / "ledger"
        self.ledger.touch()
        self.database = connect(settings)
        migrate.upgrade(self.database)
        self.results = Results(self.database, tables_module.load().results)
        self.name = Subscriptions(self.results, self.settings).create({
            "resourceType": "Subscription", "status": "requested", "criteria": "Flag", "reason": "test",
            "channel": {"type": "rest-hook", "endpoint": f"http://127.0.0.1:{self.port}/hook",
                        "payload": "application/fhir+json"}})["id"]

    def run(self, changes: int) -> tuple[str, ...]:
        """Make so many changes while both sides die, let them live, and look."""
        made, deadline = 0, time.monotonic() + 60 + 20 * changes
        with self._lives() as keep:
            while (made < changes or self._lines() < changes * 3 // 4) and time.monotonic() < deadline:
                for _ in range(min(changes - made, self.chance.randint(1, 5))):
                    self._change(f"c{made}")
                    made += 1
                keep(trouble=True)
                self._heard()
                time.sleep(self.chance.uniform(0, 0.5))
            while not self._heard() and time.monotonic() < deadline:
                keep(trouble=False)
                time.sleep(0.1)
        self.database.close()
        return tuple(self._faults(made))

    def _change(self, name: str) -> None:
        with self.database.writing() as connection:
            stored.change(connection, [stored.Change(
                type="Flag", id=name, report="r", digest=name, replaces=None,
                content=json.dumps({"resourceType": "Flag", "id": name}))], datetime.now(UTC))

    def _lines(self) -> int:
        return len(self.ledger.read_text().splitlines())

    def _heard(self) -> bool:
        """Whether the subscription has come to the last change; waits that it notes are cut short."""
        with self.database.writing() as connection:
            subscriptions.change(connection, self.name, {"due": None})
            row = subscriptions.find(connection, self.name)
        assert row is not None
        return bool(row.cursor >= self.results.last_key())

    @contextmanager
    def _lives(self) -> Iterator[object]:
        """Gives a function that brings the dead back to life and, in trouble, kills the deliverer now and then."""
        processes: dict[str, subprocess.Popen[bytes]] = {}

        def begin(role: str, *more: str) -> None:
            if role not in processes or processes[role].poll() is not None:
                processes[role] = subprocess.Popen(
                    [sys.executable, "-m", "tests.crash.subscriber", "--role", role, "--port", str(self.port),
                     "--folder", str(self.settings.data_dir), *more], stderr=subprocess.DEVNULL,
                    env=os.environ | {"CAMPAIGN_DATABASE": self.settings.database.get_secret_value()
                                      if self.settings.database else ""})

        def keep(*, trouble: bool) -> None:
            if not trouble and (hostile := processes.pop("subscriber", None)):
                hostile.kill()
                hostile.wait()
            begin("subscriber" if trouble else "well", "--seed", str(self.chance.randint(1, 10**6) if trouble else 0))
            begin("deliverer")
            if trouble and self.chance.random() < 0.1:
                processes["deliverer"].kill()
                processes["deliverer"].wait()
                self.kills += 1

        try:
            yield keep
        finally:
            for process in processes.values():
                process.kill()
                process.wait()

    def _faults(self, made: int) -> Iterator[str]:
        heard = [tuple(line.split(" ", 1)) for line in self.ledger.read_text().splitlines()]
        first = list(dict.fromkeys(name for name, _ in heard))
        if missing := {f"c{n}" for n in range(made)} - set(first):
            yield f"{len(missing)} never heard of: {sorted(missing)[:5]}"
        if first != sorted(first, key=lambda name: int(name[1:])):
            yield "heard of in another order than they were made"
        told = [name for name, mood in heard if mood in ("well", "late")]
        # What was answered may be told again once for each death of the deliverer, which had no time to note it.
        if len(told) - len(set(told)) > self.kills:
            yield f"{len(told) - len(set(told))} told again that were answered, with {self.kills} deaths"


def deliver(settings: Settings) -> None:
    """The deliverer's life."""
    Deliverer(Results(connect(settings), tables_module.load().results), settings, look_seconds=0.05).run()


def main() -> None:
    """Run one campaign and print its report, or one of its roles."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--changes", type=int, default=200)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--postgresql", action="store_true")
    parser.add_argument("--role", choices=["subscriber", "well", "deliverer"])
    parser.add_argument("--port", type=int)
    parser.add_argument("--folder", type=Path)
    parser.add_argument("--json", type=Path, help="write what was found to this file too")
    given = parser.parse_args()
    if given.role in ("subscriber", "well"):
        listen(given.port, given.folder / "ledger", given.seed)
    elif given.role == "deliverer":
        database = os.environ.get("CAMPAIGN_DATABASE") or None
        deliver(load(data_dir=given.folder, database=database, subscription_seconds=PATIENCE,
                     subscription_endpoints=(f"http://127.0.0.1:{given.port}/hook",)))
    else:
        sys.exit(_campaign(given))


def _campaign(given: argparse.Namespace) -> int:
    from tests.store import databases

    with tempfile.TemporaryDirectory() as folder:
        if given.postgresql:
            with databases.cluster() as server:
                databases.execute(server, "CREATE DATABASE campaign")
                campaign = Campaign(load(data_dir=Path(folder), database=f"{server}/campaign"), given.seed)
                faults = campaign.run(given.changes)
        else:
            campaign = Campaign(load(data_dir=Path(folder)), given.seed)
            faults = campaign.run(given.changes)
        lines = campaign.ledger.read_text().splitlines()
    print(f"{given.changes} changes, {len(lines)} heard, {campaign.kills} deaths of the deliverer")
    for fault in faults:
        print("FAULT", fault)
    if given.json:
        given.json.write_text(json.dumps({"faults": faults, "figures": {
            "changes": given.changes, "heard": len(lines), "deaths of the deliverer": campaign.kills}}))
    return 1 if faults else 0


if __name__ == "__main__":
    main()
