"""A demonstration in its own process, and the pages of it that are looked at."""

import logging
import os
import shutil
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TypeVar

import httpx
from werkzeug.serving import make_server

from fhir_adapter.service.adapter import adapter
from fhir_adapter.settings import load
from fhir_adapter.web.app import create_app
from tests.conftest import ROOT

T = TypeVar("T")
KEY = "wombat-wombat-wombat-wombat-wombat"

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


@contextmanager
def guarded(folder: Path) -> Iterator[str]:
    """The address of an empty service that asks for KEY, in a thread of this process."""
    app = create_app(adapter(load(data_dir=folder, key="5a" * 32, api_keys=(KEY,))))
    logging.getLogger("werkzeug").setLevel(logging.ERROR)  # else it prints every request
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.port}"
    finally:
        server.shutdown()
        thread.join()


def until(look: Callable[[], T], *, seconds: float = 60) -> T:
    """What `look` gives as soon as that is something; an AssertionError if it is nothing for so long."""
    end = time.monotonic() + seconds
    while not (seen := look()):
        assert time.monotonic() < end
        time.sleep(0.2)
    return seen


def _wait(address: str, process: subprocess.Popen) -> None:
    """Until all that it begins with is worked on and its worker is at work, at most three minutes."""
    def ready() -> bool:
        assert process.poll() is None
        try:
            seen = httpx.get(f"{address}/overview.json", timeout=30).json()
        except httpx.TransportError:
            return False
        return seen["running"] and not any(one["state"] == "received" for one in seen["states"])

    until(ready, seconds=180)


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
        "worklist": "/worklist",
        "worklist-group": "/worklist?group=answered",
        "patient": f"/patients/{grown(address)}",
        "quality": "/quality?weeks=26",
        "error": "/messages/00000000-0000-0000-0000-000000000000",
    }


def asked(address: str, **parameters: str) -> dict:
    """What the JSON twin of a page says."""
    return httpx.get(address, params=parameters, timeout=60).json()


def grown(address: str) -> str:
    """A patient with a lesion that was measured again and again."""
    waiting = asked(f"{address}/worklist.json", group="answered", modality="CT")["groups"][0]["items"]
    return max({one["patient"] for one in waiting}, key=lambda name: max(
        (len(one["sizes"]) for one in asked(f"{address}/patients/{name}.json")["lesions"]), default=0))


def critical(address: str) -> str:
    """A message whose report has an emergent result and enough else to look at."""
    for one in asked(f"{address}/messages.json", q="state:processed modality:CT")["messages"]:
        shown = asked(f"{address}/messages/{one['id']}.json")
        report = shown["reports"][0]["report"]
        if report["groups"][0]["name"] == "Tell someone within minutes":
            return one["id"]
    raise AssertionError("the demonstration has no emergent result among its latest")
