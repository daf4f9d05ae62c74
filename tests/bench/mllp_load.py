"""
Load over MLLP: how many reports a second are acknowledged durably and processed, and how long an answer takes.

    python -m tests.bench.mllp_load --seconds 60 --rate 100 [--connections 4] [--postgresql] [--peer hl7] [--json FILE]

The service runs as users run it (`fhir-adapter worker --mllp 0`), the sender in this process. With --rate messages
leave at their times whether or not others are answered, and an answer's time counts from the moment when its message
was due, so that a service that falls behind cannot slow its own measurement down. Without it each connection sends its
next message when the last is answered. `--peer hl7` measures python-hl7's MLLP server instead, which parses a message
and answers it, keeps nothing and reads nothing.

Beside the times it tells what a report costs: CPU of the process that takes messages and writes results, of those that
read reports, of PostgreSQL, and of the sender; and how the memory of the service grows over the second half.
"""

import argparse
import asyncio
import json
import os
import re
import signal
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections import deque
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


def postmaster(server: str) -> int:
    """The process that PostgreSQL's others are children of."""
    import psycopg

    with psycopg.connect(f"{server}/postgres") as connection:
        backend = connection.info.backend_pid
        return int(Path(f"/proc/{backend}/stat").read_text().rpartition(")")[2].split()[1])


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
            arguments.postmaster = postmaster(server)
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
    """Seconds from when a message was due to its answer, of every message."""
    latencies: list[float] = []
    numbers = iter(range(10**9))
    begin = time.monotonic() + 0.1
    end = begin + arguments.seconds

    async def one(offset: float) -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        sent: deque[float] = deque()
        done, news, idle = False, asyncio.Event(), asyncio.Event()

        async def answers() -> None:
            while sent or not done:
                if not sent:
                    news.clear()
                    await news.wait()
                    continue
                answer = await reader.readuntil(b"\x1c\r")
                assert b"MSA|AA" in answer, answer
                latencies.append(time.monotonic() - sent.popleft())
                idle.set()

        def put(due: float) -> None:
            sent.append(due)
            writer.write(b"\x0b" + report(next(numbers)) + b"\x1c\r")
            news.set()

        answering = asyncio.create_task(answers())
        due = begin + offset
        while due < end if arguments.rate else time.monotonic() < end:
            if arguments.rate:
                await asyncio.sleep(max(0.0, due - time.monotonic()))
                put(due)
                due += arguments.connections / arguments.rate
                continue
            idle.clear()
            put(time.monotonic())
            await idle.wait()
        done = True
        news.set()
        await answering
        writer.close()

    await asyncio.gather(*(one(n / (arguments.rate or 100)) for n in range(arguments.connections)))
    return latencies


def family(root: int) -> dict[int, tuple[int, float]]:
    """Resident kB and CPU seconds of a process and its descendants, by process id."""
    found = {}
    for folder in Path("/proc").iterdir():
        if folder.name.isdecimal():
            try:
                said = (folder / "stat").read_text().rpartition(")")[2].split()
            except (FileNotFoundError, ProcessLookupError):
                continue
            # With the CPU of children that ended, which are no longer there to be asked.
            found[int(folder.name)] = int(said[1]), int(said[21]) * _PAGE // 1024, sum(map(int, said[11:15])) / _TICK
    members, grown = {root}, True
    while grown:
        more = {pid for pid, (parent, _, _) in found.items() if parent in members} - members
        members |= more
        grown = bool(more)
    return {pid: found[pid][1:] for pid in members if pid in found}


_PAGE, _TICK = os.sysconf("SC_PAGE_SIZE"), os.sysconf("SC_CLK_TCK")


def cpu(process: int, database: int | None) -> dict[str, float]:
    """CPU seconds so far, by what they are spent on."""
    service = family(process)
    out = {"keep and write": service[process][1], "sender": time.process_time(),
           "read": sum(seconds for pid, (_, seconds) in service.items() if pid != process)}
    if database is not None:
        out["postgresql"] = sum(seconds for _, seconds in family(database).values())
    return out


def slope(samples: list[tuple[float, int]]) -> float:
    """MB a minute by which the second half of samples grows."""
    half = samples[len(samples) // 2:]
    if len(half) < 2:
        return 0.0
    return statistics.linear_regression([at / 60 for at, _ in half], [kb / 1024 for _, kb in half]).slope


def settle(folder: Path, url: str | None, number: int) -> None:
    """Wait until everything is processed."""
    from sqlalchemy import func, select

    from fhir_adapter.settings import load
    from fhir_adapter.store.database import connect
    from fhir_adapter.store.schema import message

    database = connect(load(data_dir=folder, database=url))
    while True:
        with database.reading() as connection:
            left = connection.execute(select(func.count()).select_from(message)
                                      .where(message.c.state.in_(("received", "waiting")))).scalar_one()
        if not left:
            break
        time.sleep(0.1)
    database.close()


def measure(arguments: argparse.Namespace) -> dict[str, object]:
    """One run."""
    with tempfile.TemporaryDirectory() as name, service(arguments, Path(name)) as (process, port):
        samples: list[tuple[float, int]] = []
        stopping = threading.Event()

        def watch() -> None:
            while not stopping.wait(2):
                samples.append((time.monotonic(), sum(kb for kb, _ in family(process.pid).values())))

        watching = threading.Thread(target=watch)
        watching.start()
        before = cpu(process.pid, arguments.postmaster)
        begun = time.monotonic()
        latencies = asyncio.run(send(port, arguments))
        sent = time.monotonic() - begun
        if not arguments.peer:
            settle(Path(name), arguments.database, len(latencies))
        done = time.monotonic() - begun
        after = cpu(process.pid, arguments.postmaster)
        stopping.set()
        watching.join()
    cut = statistics.quantiles(latencies, n=100)
    return {
        "messages": len(latencies), "acknowledged a second": round(len(latencies) / sent, 1),
        "processed a second": round(len(latencies) / done, 1),
        "answer ms": {f"p{n}": round(1000 * cut[n - 1], 1) for n in (50, 95, 99)},
        "cpu ms a report": {key: round(1000 * (after[key] - before[key]) / len(latencies), 2) for key in after},
        "memory MB": [samples[0][1] // 1024, samples[-1][1] // 1024] if samples else [],
        "memory MB a minute": round(slope(samples), 2)}


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--rate", type=float)
    parser.add_argument("--connections", type=int, default=4)
    parser.add_argument("--postgresql", action="store_true")
    parser.add_argument("--json", type=Path)
    parser.set_defaults(database=None, postmaster=None)
    parser.add_argument("--peer", choices=["hl7"])
    arguments = parser.parse_args()
    found = measure(arguments)
    for key, value in found.items():
        print(f"{key}: {value}")
    if arguments.json:
        arguments.json.write_text(json.dumps(found, indent=1) + "\n")


if __name__ == "__main__":
    main()
