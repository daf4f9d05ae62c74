"""
Kill the service over and over while a sender drives it, then compare the sender's ledger with the store.

    python -m tests.crash.campaign --kills 200 --seed 1 [--postgresql]

The sender behaves as an interface engine does: it numbers its messages, waits for each answer (a few at a time), and
after a broken connection sends again what was not answered. Now and then it also repeats what was.
"""

import argparse
import json
import os
import random
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sqlalchemy import func, select, text

from fhir_adapter.settings import Settings, load
from fhir_adapter.store.database import connect
from fhir_adapter.store.schema import message, report_version, resource
from fhir_adapter.wire.er7 import parse
from fhir_adapter.wire.mllp import Deframer, frame
from tests.crash.victim import POINTS
from tests.messages import oru

_TOGETHER = 8
_A_LIFE = 40
"""New messages that one life of the service may be sent, so that it also works on what it has."""


@dataclass(slots=True)
class Ledger:
    """What the sender knows: everything that it sent, what was answered and how, in its own memory."""

    sent: dict[str, bytes] = field(default_factory=dict)
    answers: dict[str, set[str]] = field(default_factory=dict)

    def unanswered(self) -> list[str]:
        """Control ids without an answer, oldest first."""
        return [name for name in self.sent if name not in self.answers]


@dataclass(frozen=True, slots=True)
class Report:
    """How a campaign ended; `faults` is empty where every promise was kept."""

    kills: int
    sent: int
    repeated: int
    faults: tuple[str, ...]


class Campaign:
    """One store, one sender, many lives of the service."""

    def __init__(self, settings: Settings, seed: int) -> None:
        self.settings, self.chance = settings, random.Random(seed)
        self.ledger, self.kills, self.repeated = Ledger(), 0, 0
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self.environment = os.environ | {"FHIR_ADAPTER_DATA_DIR": str(settings.data_dir),
                                         "FHIR_ADAPTER_KEY": "5a" * 32}
        if settings.database is not None:
            self.environment["FHIR_ADAPTER_DATABASE"] = settings.database.get_secret_value()

    def run(self, kills: int) -> Report:
        """Kill so many times, half of them at named points, then let the service finish and look."""
        points = list(POINTS)
        while self.kills < kills:
            if self.kills % 2:
                point = points[self.kills // 2 % len(points)]
                with self.service(point, str(self.chance.randint(1, 12))) as process:
                    self.drive(process, until=lambda p=process: p.poll() is not None)
            else:
                with self.service() as process:
                    death = time.monotonic() + self.chance.uniform(0.7, 3.5)
                    self.drive(process, until=lambda d=death: time.monotonic() > d)
            self.kills += 1
        with self.service() as process:
            self.drive(process, until=lambda: not self.ledger.unanswered(), new=False)
            self.settle()
            process.send_signal(signal.SIGTERM)
            stopped = process.wait(60)
        return Report(self.kills, len(self.ledger.sent), self.repeated,
                      (*self.faults(), *([f"a stop ended with {stopped}"] if stopped else [])))

    @contextmanager
    def service(self, *death: str) -> Iterator[subprocess.Popen[bytes]]:
        """One life; it ends by SIGKILL if it has not ended before."""
        process = subprocess.Popen([sys.executable, "-m", "tests.crash.victim", str(self.port), *death],
                                   env=self.environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            yield process
        finally:
            process.kill()
            process.wait()

    def drive(self, process: subprocess.Popen[bytes], *, until: Any, new: bool = True) -> None:
        """Send until `until()`; broken connections are made anew, as long as the service lives."""
        limit = time.monotonic() + 60
        while not until() and process.poll() is None and time.monotonic() < limit:
            with suppress(OSError, TimeoutError), socket.create_connection(("127.0.0.1", self.port), 1) as line:
                line.settimeout(5)
                deframer = Deframer(1_000_000)
                while not until():
                    batch = self.batch(new=new)
                    if not batch:
                        time.sleep(0.01)
                    line.sendall(b"".join(frame(self.ledger.sent[name]) for name in batch))
                    self.listen(line, deframer, len(batch))
                continue
            time.sleep(0.02)

    def batch(self, *, new: bool) -> list[str]:
        """What to send next: first what was not answered, now and then a repetition, else something new."""
        names = self.ledger.unanswered()[:_TOGETHER]
        if self.ledger.answers and self.chance.random() < 0.2:
            names.append(self.chance.choice(list(self.ledger.answers)))
            self.repeated += 1
        new = new and len(self.ledger.sent) < _A_LIFE * (self.kills + 1)
        while new and len(names) < self.chance.randint(1, _TOGETHER):
            number = len(self.ledger.sent)
            name = f"K{number}"
            self.ledger.sent[name] = oru(name, filler=f"F{number}", patient=f"P{number % 7}",
                                         text=f"FINDINGS: A {number % 9 + 2} mm nodule in the right upper lobe.")
            names.append(name)
        return names

    def listen(self, line: socket.socket, deframer: Deframer, wanted: int) -> None:
        """Note `wanted` answers; raises OSError where the line ends before."""
        while wanted:
            data = line.recv(65536)
            if not data:
                raise ConnectionResetError
            for one in deframer.feed(data):
                answer = parse(one.message.decode()).first("MSA")
                self.ledger.answers.setdefault(answer.value(2), set()).add(answer.value(1))
                wanted -= 1

    def settle(self) -> None:
        """Wait until nothing is left to be processed, or for five minutes nothing more was."""
        database = connect(self.settings)
        least, deadline = 10**9, time.monotonic() + 300
        while least and time.monotonic() < deadline:
            with database.reading() as connection:
                left = connection.execute(select(func.count()).select_from(message).where(
                    message.c.state.in_(("received", "waiting")))).scalar_one()
            if left < least:
                least, deadline = left, time.monotonic() + 300
            time.sleep(0.1)
        database.close()

    def faults(self) -> Iterator[str]:
        """Every promise that was broken."""
        database = connect(self.settings)
        with database.reading() as connection:
            c = message.c
            rows = connection.execute(select(c.control_id, c.state, c.payload)).all()
            versions = connection.execute(select(report_version.c.report, report_version.c.current)).all()
            made = connection.execute(select(resource.c.type, resource.c.id, resource.c.version)).all()
            if database.sqlite and connection.execute(text("PRAGMA integrity_check")).scalar() != "ok":
                yield "the database file is damaged"
        database.close()
        kept = {row.control_id: row for row in rows}
        wrong = {name: codes for name, codes in self.ledger.answers.items() if codes != {"AA"}}
        if wrong:
            yield f"answered other than AA: {wrong}"
        if lost := set(self.ledger.answers) - set(kept):
            yield f"{len(lost)} acknowledged and lost: {sorted(lost)[:5]}"
        if len(rows) != len(kept):
            yield f"{len(rows) - len(kept)} messages are there twice"
        if changed := [name for name, row in kept.items() if row.payload != self.ledger.sent[name]]:
            yield f"{len(changed)} not as they were sent: {changed[:5]}"
        if unfinished := [name for name, row in kept.items() if row.state != "processed"]:
            yield f"{len(unfinished)} not processed: {unfinished[:5]}"
        if len(versions) != len(kept) or not all(row.current for row in versions):
            yield f"{len(versions)} versions of reports for {len(kept)} messages"
        reports = [row for row in made if row.type == "DiagnosticReport"]
        if len({row.id for row in reports}) != len(kept):
            yield f"{len(reports)} reports for {len(kept)} messages"
        if twice := [row for row in made if row.version != 1]:
            yield f"effects that happened twice: {twice[:5]}"
        if len(set(map(tuple, made))) != len(made):
            yield "ids are there twice"


def main() -> None:
    """Run one campaign and print its report; exit code 1 where a promise was broken."""
    from tests.store import databases

    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kills", type=int, default=200)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--postgresql", action="store_true")
    parser.add_argument("--json", type=Path, help="write what was found to this file too")
    given = parser.parse_args()
    begun = time.monotonic()
    with tempfile.TemporaryDirectory() as folder:
        if given.postgresql:
            with databases.cluster() as server:
                databases.execute(server, "CREATE DATABASE campaign")
                report = Campaign(load(data_dir=Path(folder), key="5a" * 32, database=f"{server}/campaign"),
                                  given.seed).run(given.kills)
        else:
            report = Campaign(load(data_dir=Path(folder), key="5a" * 32), given.seed).run(given.kills)
    print(f"{'PostgreSQL' if given.postgresql else 'SQLite'}: {report.kills} kills, {report.sent} messages, "
          f"{report.repeated} repetitions, {time.monotonic() - begun:.0f} s")
    for fault in report.faults:
        print("FAULT", fault)
    if given.json:
        given.json.write_text(json.dumps({"faults": report.faults, "figures": {
            "kills": report.kills, "messages": report.sent, "repetitions": report.repeated}}))
    sys.exit(1 if report.faults else 0)


if __name__ == "__main__":
    main()
