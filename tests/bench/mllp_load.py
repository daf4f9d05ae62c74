"""
Load over MLLP: how many reports a second are acknowledged durably and processed, and how long an answer takes.

    python -m tests.bench.mllp_load --seconds 60 --rate 100 [--connections 4] [--postgresql] [--peer hl7]

The service runs as users run it (`fhir-adapter worker --mllp 0`), the sender in this process. Without --rate the sender
sends as fast as it is answered. `--peer hl7` measures python-hl7's MLLP server instead, which parses a message and
answers it, keeps nothing and reads nothing.
"""

import argparse
import asyncio
import os
import re
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from contextlib import ExitStack, contextmanager
from pathlib import Path

from tests.golden.twins import SAMPLES
from tests.store import databases

_REPORT = (SAMPLES / "hl7v2" / "ct-chest-nodule.hl7").read_bytes()
_PEER = '''
import asyncio, hl7
from hl7.mllp import start_hl7_server
async def answer(reader, writer):
    while not writer.is_closing():
        try:
            message = await reader.readmessage()
        except asyncio.IncompleteReadError:
            break
        writer.writemessage(message.create_ack())
        await writer.drain()
async def main():
    server = await start_hl7_server(answer, host="127.0.0.1", port=0, encoding="utf-8", limit=1 << 20)
    print("MLLP on 127.0.0.1:%d" % server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()
asyncio.run(main())
'''


def report(number: int) -> bytes:
    """A CT report of 2 kB with identifiers of its own, in original mode."""
    return (_REPORT.replace(b"QX0001", b"B%d" % number).replace(b"FL99310", b"F%d" % number)
            .replace(b"PL77120", b"P%d" % number).replace(b"ZQ4417709", b"ZQ%d" % (number % 500))
            .replace(b"ACC5550177", b"A%d" % number)
            .replace(b"8.498.4417709.1", b"8.498.4417709.1.%d" % number).replace(b"|||AL|NE||", b"||||||"))


@contextmanager
def service(arguments: argparse.Namespace, folder: Path):
    """The running service: its process and its port."""
    environment = os.environ | {"FHIR_ADAPTER_DATA_DIR": str(folder), "FHIR_ADAPTER_LOG_LEVEL": "ERROR"}
    with ExitStack() as stack:
        command = [sys.executable, "-m", "fhir_adapter", "worker", "--mllp", "0"]
        if arguments.peer == "hl7":
            command = [sys.executable, "-c", _PEER]
        elif arguments.postgresql:
            server = stack.enter_context(databases.cluster())
            databases.execute(server, "CREATE DATABASE bench")
            arguments.database = environment["FHIR_ADAPTER_DATABASE"] = f"{server}/bench"
        log = folder / "log"
        with log.open("wb") as file:
            process = subprocess.Popen(command, env=environment, stdout=file, stderr=file)
        stack.callback(process.wait)
        stack.callback(process.send_signal, signal.SIGTERM)
        while not (found := re.search(r"MLLP on 127.0.0.1:(\d+)", log.read_text())):
            if process.poll() is not None:
                raise SystemExit(log.read_text())
            time.sleep(0.05)
        time.sleep(5)  # the engine loads
        yield process, int(found[1])


async def send(port: int, arguments: argparse.Namespace) -> list[float]:
    """Seconds from sending to the answer, of every message."""
    latencies: list[float] = []
    numbers = iter(range(10**9))
    end = time.monotonic() + arguments.seconds

    async def one(offset: float) -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        due = time.monotonic() + offset
        while time.monotonic() < end:
            if arguments.rate:
                await asyncio.sleep(max(0.0, due - time.monotonic()))
                due += arguments.connections / arguments.rate
            begun = time.monotonic()
            writer.write(b"\x0b" + report(next(numbers)) + b"\x1c\r")
            answer = await reader.readuntil(b"\x1c\r")
            assert b"MSA|AA" in answer, answer
            latencies.append(time.monotonic() - begun)
        writer.close()

    await asyncio.gather(*(one(n / (arguments.rate or 100)) for n in range(arguments.connections)))
    return latencies


def memory(root: int) -> int:
    """Resident kB of a process and its descendants."""
    children = subprocess.run(["ps", "-o", "pid=,ppid=,rss=", "-A"], capture_output=True, text=True, check=True).stdout
    rows = [tuple(map(int, line.split())) for line in children.splitlines()]
    family, grown = {root}, True
    while grown:
        more = {pid for pid, parent, _ in rows if parent in family} - family
        family |= more
        grown = bool(more)
    return sum(rss for pid, _, rss in rows if pid in family)


def settle(folder: Path, url: str | None, number: int) -> None:
    """Wait until everything is processed."""
    from sqlalchemy import func, select

    from fhir_adapter.settings import load
    from fhir_adapter.store.database import connect
    from fhir_adapter.store.schema import message

    database = connect(load(data_dir=folder, database=url))
    while True:
        with database.reading() as connection:
            done = connection.execute(select(func.count()).select_from(message)
                                      .where(message.c.state == "processed")).scalar_one()
        if done >= number:
            break
        time.sleep(0.05)
    database.close()


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--rate", type=float)
    parser.add_argument("--connections", type=int, default=4)
    parser.add_argument("--postgresql", action="store_true")
    parser.set_defaults(database=None)
    parser.add_argument("--peer", choices=["hl7"])
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as name, service(arguments, Path(name)) as (process, port):
        before = memory(process.pid)
        begun = time.monotonic()
        latencies = asyncio.run(send(port, arguments))
        sent = time.monotonic() - begun
        if not arguments.peer:
            settle(Path(name), arguments.database, len(latencies))
        done = time.monotonic() - begun
        after = memory(process.pid)
    cut = statistics.quantiles(latencies, n=100)
    print(f"{len(latencies)} messages; acknowledged {len(latencies) / sent:.0f}/s; "
          f"processed {len(latencies) / done:.0f}/s; "
          f"answer p50 {1000 * cut[49]:.1f} p95 {1000 * cut[94]:.1f} p99 {1000 * cut[98]:.1f} ms; "
          f"memory {before // 1024} to {after // 1024} MB")


if __name__ == "__main__":
    main()
