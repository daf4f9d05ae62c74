"""
How long `POST /v1/reports` takes to answer, for a report of 2 kB at a steady rate.

    python -m tests.bench.reports_load --seconds 60 --rate 20 [--workers 2]

The service runs as users run it (`fhir-adapter serve`). Requests leave at their times whether or not others are still
on their way, so that a service that falls behind cannot slow its own measurement down.
"""

import argparse
import os
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

import httpx

from tests.golden.twins import SAMPLES

_TEXT = "\n".join(line.split("|")[5] for line in
                  (SAMPLES / "hl7v2" / "ct-chest-nodule.hl7").read_text().splitlines() if line.startswith("OBX"))


def report(number: int) -> dict[str, object]:
    """A report of 2 kB with identifiers of its own."""
    text = f"{_TEXT}\n" * (2000 // len(_TEXT) + 1)
    return {"text": f"{text[:1990]} {number}", "service": "2026-03-09", "order": {"text": "CT CHEST", "modality": "CT"},
            "patient": {"id": f"ZQ{number}", "name": "Zzyzx, Quillon", "sex": "male"}}


@contextmanager
def service(workers: int) -> Iterator[str]:
    """The running service: its address."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    with tempfile.TemporaryDirectory() as folder:
        process = subprocess.Popen(
            [sys.executable, "-m", "fhir_adapter", "serve", "--port", str(port), "--workers", str(workers)],
            env=os.environ | {"FHIR_ADAPTER_DATA_DIR": folder, "FHIR_ADAPTER_LOG_LEVEL": "ERROR",
                              "FHIR_ADAPTER_ENGINE_PROCESSES": "1"}, stderr=subprocess.DEVNULL)
        try:
            address = f"http://127.0.0.1:{port}"
            while True:
                try:
                    httpx.get(f"{address}/health/ready").raise_for_status()
                    break
                except httpx.HTTPError:
                    if process.poll() is not None:
                        raise SystemExit("the service did not start") from None
                    time.sleep(0.1)
            yield address
        finally:
            process.terminate()
            process.wait(40)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--rate", type=float, default=20)
    parser.add_argument("--workers", type=int, default=2)
    given = parser.parse_args()
    number = int(given.seconds * given.rate)
    with service(given.workers) as address, httpx.Client(timeout=30) as http, ThreadPoolExecutor(64) as pool:
        begun = time.monotonic() + 0.5

        def one(count: int) -> float:
            # Counted from when it was due, not from when a thread was free for it.
            due = begun + count / given.rate
            time.sleep(max(0.0, due - time.monotonic()))
            http.post(f"{address}/v1/reports", json=report(count)).raise_for_status()
            return time.monotonic() - due

        for count in range(4):
            http.post(f"{address}/v1/reports", json=report(-1 - count)).raise_for_status()
        begun = time.monotonic() + 0.5
        cut = statistics.quantiles(pool.map(one, range(number)), n=100)
    print(f"{number} reports of 2 kB at {given.rate:g}/s, {given.workers} processes: "
          f"p50 {1000 * cut[49]:.0f} p95 {1000 * cut[94]:.0f} p99 {1000 * cut[98]:.0f} ms")


if __name__ == "__main__":
    main()
