"""The application in this process, and the service in its own."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest
from flask.testing import FlaskClient

from fhir_adapter.service.adapter import adapter
from fhir_adapter.settings import load
from fhir_adapter.web.app import create_app
from tests.conftest import ROOT


@pytest.fixture(scope="session")
def loaded(tmp_path_factory):
    """Settings, tables and engine, loaded once."""
    return adapter(load(data_dir=tmp_path_factory.mktemp("web"), key="5a" * 32))


@pytest.fixture(scope="session")
def client(loaded) -> FlaskClient:
    """A client of the application without a server."""
    return create_app(loaded).test_client()


@pytest.fixture(scope="session")
def served(tmp_path_factory) -> Iterator[tuple[str, Path]]:
    """The address of a real service with two processes, and the file that its standard error goes to."""
    with serving(tmp_path_factory.mktemp("served")) as (address, log, _):
        yield address, log


@contextmanager
def serving(folder: Path, **environment: str) -> Iterator[tuple[str, Path, subprocess.Popen]]:
    """A real service over a data directory in `folder`: its address, the file of its standard error, its process.

    It leads a process group of its own, so that all of it can be killed at once.
    """
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    log = folder / "stderr"
    with log.open("ab") as stderr:
        process = subprocess.Popen(
            [sys.executable, "-m", "fhir_adapter", "serve", "--port", str(port), "--workers", "2"], cwd=ROOT,
            stderr=stderr, start_new_session=True, env=os.environ | {
                "FHIR_ADAPTER_DATA_DIR": str(folder / "data"), "FHIR_ADAPTER_LOG_LEVEL": "DEBUG"} | environment)
    address = f"http://127.0.0.1:{port}"
    try:
        _wait(address, process)
        yield address, log, process
    finally:
        process.terminate()
        process.wait(40)


def _wait(address: str, process: subprocess.Popen) -> None:
    """Until the service is ready, at most a minute."""
    end = time.monotonic() + 60
    while time.monotonic() < end and process.poll() is None:
        try:
            if httpx.get(f"{address}/health/ready").status_code == 200:
                return
        except httpx.TransportError:
            time.sleep(0.1)
    pytest.fail("the service did not become ready")
