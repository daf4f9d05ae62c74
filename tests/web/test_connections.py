"""Slow clients, broken requests and foreign pages, as a real service meets them."""

import os
import re
import socket
import subprocess
import sys

import httpx
import pytest

from fhir_adapter.service.adapter import adapter
from fhir_adapter.settings import load
from fhir_adapter.web.app import create_app
from fhir_adapter.web.connections import TimedUnreader
from tests.conftest import ROOT
from tests.web.conftest import serving

SECONDS = {"FHIR_ADAPTER_HTTP_HEAD_SECONDS": "0.5", "FHIR_ADAPTER_HTTP_BODY_SECONDS": "0.5"}


@pytest.fixture(scope="module")
def hasty(tmp_path_factory):
    """A service that gives nobody much time."""
    with serving(tmp_path_factory.mktemp("hasty"), **SECONDS) as (address, _, _):
        yield address


def connected(address: str, sent: bytes) -> socket.socket:
    """A connection over which something was sent."""
    host, port = re.fullmatch(r"http://([\d.]+):(\d+)", address).groups()
    one = socket.create_connection((host, int(port)), timeout=60)
    one.sendall(sent)
    return one


def all_of(one: socket.socket) -> bytes:
    """What comes until the other side closes."""
    told = b""
    with one:
        while piece := one.recv(4096):
            told += piece
    return told


@pytest.mark.parametrize("sent", [
    b"GET /health/live HTTP/1.1\r\nHost: localhost\r\nX-Slow: ",
    b"POST /hl7v2 HTTP/1.1\r\nHost: localhost\r\nContent-Type: text/plain\r\nContent-Length: 1000\r\n\r\nMSH|",
    b"no HTTP at all, and then nothing\r\n\r\n"], ids=["head", "body", "garbage"])
def test_slow_clients_hold_nobody_up(hasty, sent):
    """More clients than threads stop in the middle of their request: they are let go, and others are answered."""
    slow = [connected(hasty, sent) for _ in range(30)]
    assert httpx.get(f"{hasty}/health/live", timeout=60).status_code == 200
    told = [all_of(one) for one in slow]
    assert {one.split(b"\r\n")[0].upper() for one in told} <= {b"", b"HTTP/1.1 400 BAD REQUEST"}


def test_a_reader_with_a_deadline():
    """What is there is read; what is not there in time is a TimeoutError, and more time is more time."""
    here, there = socket.socketpair()
    with here, there:
        reader = TimedUnreader(here)
        there.sendall(b"GET ")
        reader.allow(60)
        assert (reader.chunk(), reader.late) == (b"GET ", False)
        reader.allow(0)
        with pytest.raises(TimeoutError):
            reader.chunk()
        there.sendall(b"/")
        reader.allow(60)
        assert (reader.chunk(), reader.late) == (b"/", True)


@pytest.mark.parametrize(("sent", "status"), [
    (b"QUILLON\r\n\r\n", b"400 Bad Request"), (b"GET /QUILLON HTTP/9.9\r\n\r\n", b"400 Bad Request"),
    (b"GET / HTTP/1.1\r\nZZYZX QUILLON\r\n\r\n", b"400 Bad Request"),
    (b"GET /" + b"QUILLON" * 1000 + b" HTTP/1.1\r\n\r\n", b"414 Request-URI Too Long")])
def test_broken_requests_are_not_repeated(served, sent, status):
    """The answer to what is no HTTP is its status; nothing of it comes back or is written down."""
    address, log = served
    told = all_of(connected(address, sent))
    assert told.startswith(b"HTTP/1.1 " + status)
    assert b"QUILLON" not in told + log.read_bytes()


def test_any_free_port_is_told(tmp_path):
    """`serve --port 0` says which port it got."""
    process = subprocess.Popen([sys.executable, "-m", "fhir_adapter", "serve", "--port", "0", "--workers", "1"],
                               cwd=ROOT, stderr=subprocess.PIPE, text=True,
                               env=os.environ | {"FHIR_ADAPTER_DATA_DIR": str(tmp_path)})
    try:
        said = (re.search(r"listens on (http://127\.0\.0\.1:\d+)", line) for line in process.stderr)
        told = next(filter(None, said))
        assert httpx.get(f"{told[1]}/health/live", timeout=60).status_code == 200
    finally:
        process.terminate()
        process.communicate()


@pytest.mark.parametrize(("headers", "status"), [
    ({"Host": "localhost:8080"}, 200), ({"Host": "127.0.0.1"}, 200), ({"Host": "[::1]:8080"}, 200),
    ({"Host": "evil.example"}, 403), ({"Host": "127.0.0.1.evil.example"}, 403),
    ({"Host": "localhost", "Origin": "http://localhost:8080"}, 200),
    ({"Host": "localhost", "Origin": "https://evil.example"}, 403), ({"Host": "localhost", "Origin": "null"}, 403)])
def test_an_open_address_is_for_this_machine(client, headers, status):
    """Without keys, a name that a foreign site points here, or a page of its own, gets nothing."""
    assert client.get("/health/live", headers=headers).status_code == status


def test_with_keys_any_host_is_fine(tmp_path):
    """With keys, the key decides."""
    app = create_app(adapter(load(data_dir=tmp_path, key="5a" * 32, api_keys=("wombat",)))).test_client()
    assert app.get("/fhir/metadata", headers={"Host": "zyxwell.example", "Origin": "https://zyxwell.example",
                                              "Authorization": "Bearer wombat"}).status_code == 200
