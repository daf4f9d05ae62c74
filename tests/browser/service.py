"""A demonstration in its own process, and the pages of it that are looked at."""

import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx

from tests.conftest import ROOT

CHROMIUM = next((found for name in ("chromium", "chromium-browser", "google-chrome") if (found := shutil.which(name))),
                None)
ARGUMENTS = ["--no-sandbox"] if os.geteuid() == 0 else []
"""Chromium's own sandbox refuses to run as root, which is what a container of CI does."""


@contextmanager
def demonstration(folder: Path) -> Iterator[str]:
    """The address of `serve --demo`, once everything that it begins with is in the store."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    process = subprocess.Popen(
        [sys.executable, "-m", "fhir_adapter", "serve", "--demo", "--port", str(port), "--workers", "1",
         "--data-dir", str(folder)], cwd=ROOT, stderr=subprocess.DEVNULL)
    address = f"http://127.0.0.1:{port}"
    try:
        _wait(address, process)
        yield address
    finally:
        process.terminate()
        process.wait(40)


def _wait(address: str, process: subprocess.Popen) -> None:
    """Until the first messages are worked on, at most three minutes."""
    end = time.monotonic() + 180
    while time.monotonic() < end and process.poll() is None:
        try:
            seen = httpx.get(f"{address}/overview.json", timeout=30).json()
            if seen.get("total", 0) > 400 and seen["waiting"] == 0:
                return
        except httpx.TransportError:
            pass
        time.sleep(0.2)
    raise AssertionError("the demonstration did not become ready")


def pages(address: str) -> dict[str, str]:
    """The pages by name, with one message of each kind."""
    def first(query: str) -> str:
        return asked(f"{address}/messages.json", q=query)["messages"][0]["id"]

    return {
        "overview": "/",
        "messages": "/messages",
        "messages-rejected": "/messages?q=state:rejected",
        "message": f"/messages/{critical(address)}",
        "message-rejected": f"/messages/{first('state:rejected code:HL7-108')}",
        "retry": "/messages/retry?q=state:rejected",
        "try": "/try?sample=ct-chest-nodule",
        "tables": "/tables",
        "table": "/table/mappings/insights/critical_results.yaml",
        "system": "/system",
    }


def asked(address: str, **parameters: str) -> dict:
    """What the JSON twin of a page says."""
    return httpx.get(address, params=parameters, timeout=60).json()


def critical(address: str) -> str:
    """A message whose report has an emergent result and enough else to look at."""
    for one in asked(f"{address}/messages.json", q="state:processed modality:CT")["messages"]:
        shown = asked(f"{address}/messages/{one['id']}.json")
        report = shown["reports"][0]["report"]
        if report["groups"][0]["name"] == "Tell someone within minutes":
            return one["id"]
    raise AssertionError("the demonstration has no emergent result among its latest")
