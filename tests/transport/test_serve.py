"""`serve --mllp` as its users meet it: one command, HTTP and MLLP, stored, processed, stopped cleanly."""

import os
import re
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import httpx
import pytest
from hl7.client import MLLPClient
from sqlalchemy import select

from fhir_adapter.settings import load
from fhir_adapter.store.database import connect
from fhir_adapter.store.schema import message
from fhir_adapter.wire.er7 import parse
from fhir_adapter.wire.mllp import Deframer, frame
from tests.conftest import ROOT
from tests.messages import oru


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def started(folder: Path, *arguments: str) -> tuple[subprocess.Popen, Path]:
    log = folder / "stderr"
    with log.open("wb") as stderr:
        process = subprocess.Popen(
            [sys.executable, "-m", "fhir_adapter", "serve", "--workers", "1", "--data-dir", str(folder / "data"),
             *arguments], cwd=ROOT, stderr=stderr, env=os.environ | {"FHIR_ADAPTER_ENGINE_PROCESSES": "1"})
    return process, log


def said(process: subprocess.Popen, log: Path, pattern: str) -> re.Match:
    """What the service says about itself, within a minute."""
    end = time.monotonic() + 60
    while time.monotonic() < end and process.poll() is None:
        if found := re.search(pattern, log.read_text()):
            return found
        time.sleep(0.05)
    pytest.fail(log.read_text()[-2000:])


def enhanced(port: int, payload: bytes) -> list[str]:
    """The two answers of enhanced mode: the commit at once, the application's once the report is processed."""
    codes: list[str] = []
    with socket.create_connection(("127.0.0.1", port), 60) as line:
        line.sendall(frame(payload))
        deframer = Deframer(1_000_000)
        while len(codes) < 2:
            codes += [parse(one.message.decode()).first("MSA").value(1) for one in deframer.feed(line.recv(65536))]
    return codes


def test_one_command_takes_both_and_works(tmp_path):
    """python-hl7's client over MLLP, enhanced mode to its second answer, and a POST; all messages end as processed;
    SIGTERM ends with exit code 0.
    """
    port = free_port()
    process, log = started(tmp_path, "--port", str(port), "--mllp", "0")
    try:
        mllp = int(said(process, log, r"over MLLP on 127\.0\.0\.1:(\d+)")[1])
        with MLLPClient("127.0.0.1", mllp) as client:
            answers = [client.send_message(oru(f"Q{n}", filler=f"F{n}")).split(b"\r")[1] for n in range(3)]
        assert answers == [b"\x0bMSA|AA|Q0"[1:], b"MSA|AA|Q1", b"MSA|AA|Q2"]
        assert enhanced(mllp, oru("E1", filler="E1", accept="AL", application="AL")) == ["CA", "AA"]
        said(process, log, "listens on http")
        posted = None
        end = time.monotonic() + 30
        while posted is None and time.monotonic() < end:
            try:
                posted = httpx.post(f"http://127.0.0.1:{port}/hl7v2", content=oru("Q3", filler="F3"),
                                    headers={"Content-Type": "application/hl7-v2"}, timeout=30)
            except httpx.ConnectError:
                time.sleep(0.05)
        assert posted.status_code == 200
        database = connect(load(data_dir=tmp_path / "data"))
        end = time.monotonic() + 60
        states: list[str] = []
        while states != ["processed"] * 5 and time.monotonic() < end:
            with database.reading() as connection:
                states = list(connection.execute(select(message.c.state)).scalars())
            time.sleep(0.05)
        database.close()
        assert states == ["processed"] * 5
    finally:
        process.send_signal(signal.SIGTERM)
        code = process.wait(60)
    assert code == 0
    assert "ZZYZX" not in log.read_text()


def test_a_taken_mllp_port_stops_the_start(tmp_path):
    """Exit code 2 and one sentence that names setting and port; nothing is served."""
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        process, log = started(tmp_path, "--port", str(free_port()), "--mllp", str(other.getsockname()[1]))
        assert process.wait(60) == 2
    assert re.search(r"mllp_port: 127\.0\.0\.1 port \d+ is taken", log.read_text())


def test_when_the_workshop_dies_the_service_ends(tmp_path):
    """Killed alone, the process that keeps messages takes the service with it, so that a supervisor starts it anew."""
    process, log = started(tmp_path, "--port", str(free_port()), "--mllp", "0")
    said(process, log, "over MLLP")
    children = subprocess.run(["pgrep", "-P", str(process.pid)], capture_output=True, text=True, check=True)
    for child in children.stdout.split():
        if b"service.workshop" in Path(f"/proc/{child}/cmdline").read_bytes():
            os.kill(int(child), signal.SIGKILL)
    assert process.wait(60) == 1
