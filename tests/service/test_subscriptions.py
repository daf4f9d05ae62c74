"""Subscribers hear of every change, in order, through refusals, silence and downtime."""

import json
import threading
import time
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from fhir_adapter.errors import NonconformantMessage
from fhir_adapter.service.deliver import Deliverer, pause, retry
from fhir_adapter.service.results import Results
from fhir_adapter.service.subscribe import Subscriptions
from fhir_adapter.store import results as stored_results
from fhir_adapter.store import subscriptions as stored
from fhir_adapter.store.results import Change
from fhir_adapter.transport.webhook import allowed


@contextmanager
def subscriber(says, port: int = 0):
    """A receiver; `says(number)` is the status of its n-th answer. Gives its port and what it got."""
    got: list[tuple[str, str, bytes]] = []

    class Handler(BaseHTTPRequestHandler):
        def answer(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            got.append((self.command, self.path, body))
            self.send_response(says(len(got)))
            self.send_header("Location", "http://127.0.0.1:1/elsewhere")
            self.send_header("Content-Length", "0")
            self.end_headers()

        do_PUT = do_POST = do_GET = answer  # noqa: N815 - the names of the library

        def log_message(self, *_) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", port), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield server.server_port, got
    finally:
        server.shutdown()
        server.server_close()


class World:
    """A store with a deliverer; `change` makes a new Flag."""

    def __init__(self, database, settings, tables) -> None:
        self.settings = settings.model_copy(update={"subscription_endpoints": ("http://127.0.0.1",),
                                                    "subscription_seconds": 1})
        self.results = Results(database, tables.results)

    def allow(self, port: int) -> None:
        self.settings = self.settings.model_copy(update={"subscription_endpoints": (f"http://127.0.0.1:{port}/hook",)})

    def subscribe(self, port: int, criteria: str = "Flag", **channel) -> str:
        self.allow(port)
        return Subscriptions(self.results, self.settings).create({
            "resourceType": "Subscription", "status": "requested", "criteria": criteria, "reason": "test",
            "channel": {"type": "rest-hook", "endpoint": f"http://127.0.0.1:{port}/hook",
                        "payload": "application/fhir+json", **channel}})["id"]

    def change(self, *names: str, kind: str = "Flag") -> None:
        for name in names:
            with self.results.database.writing() as connection:
                stored_results.change(connection, [Change(
                    type=kind, id=name, report="r", digest=name, replaces=None,
                    content=json.dumps({"resourceType": kind, "id": name}))], datetime.now(UTC))

    def row(self, name: str):
        with self.results.database.reading() as connection:
            return stored.find(connection, name)

    def deliver(self, until) -> None:
        """Run a deliverer until `until()`; waits that it notes are cut short."""
        deliverer = Deliverer(self.results, self.settings, look_seconds=0.02)
        thread = threading.Thread(target=deliverer.run)
        thread.start()
        end = time.monotonic() + 30
        while not until() and time.monotonic() < end:
            with self.results.database.writing() as connection:
                for one in stored.everyone(connection):
                    stored.change(connection, one.id, {"due": None})
            time.sleep(0.02)
        deliverer.stop()
        thread.join()
        assert until()


@pytest.fixture
def world(database, store_settings, tables) -> World:
    return World(database, store_settings, tables)


def test_changes_are_put_in_their_order(world):
    """Each as a PUT to <endpoint>/<type>/<id> with its version; other types and earlier changes are not told."""
    world.change("before")
    with subscriber(lambda n: 200) as (port, got):
        world.subscribe(port)
        world.change("a", "b", "c")
        world.change("p", kind="Patient")
        world.deliver(lambda: len(got) == 3)
    assert [(method, path) for method, path, _ in got] == [("PUT", f"/hook/Flag/{name}") for name in "abc"]
    assert json.loads(got[0][2])["meta"]["versionId"] == "1"


def test_without_a_payload_only_a_knock(world):
    """An empty POST to the endpoint itself."""
    with subscriber(lambda n: 200) as (port, got):
        world.subscribe(port, payload="")
        world.change("a")
        world.deliver(lambda: len(got) == 1)
    assert got == [("POST", "/hook", b"")]


def test_a_subscriber_that_fails_is_tried_again_and_misses_nothing(world):
    """500 twice, then well: the same change until it is taken, then the next."""
    with subscriber(lambda n: 500 if n <= 2 else 200) as (port, got):
        name = world.subscribe(port)
        world.change("a", "b")
        world.deliver(lambda: world.row(name).failures == 0 and len(got) == 4)
    assert [path[-1] for _, path, _ in got] == ["a", "a", "a", "b"]


def test_a_subscriber_that_was_away_hears_of_everything(world):
    """Its port is closed while changes come; when it is back it gets all of them in order."""
    with subscriber(lambda n: 200) as (port, _):
        name = world.subscribe(port)
    world.change("a", "b", "c")
    world.deliver(lambda: world.row(name).failures >= 2)
    assert (world.row(name).status, world.row(name).code) == ("active", "NET-631")
    with subscriber(lambda n: 200, port) as (_, got):
        world.deliver(lambda: len(got) == 3)
    assert [path[-1] for _, path, _ in got] == ["a", "b", "c"]


@pytest.mark.parametrize("status", [400, 302], ids=["refused", "redirected"])
def test_what_is_refused_is_set_aside_and_can_be_sent_again(world, status):
    """A refusal and a redirect, which is not followed: set aside, the next change goes on; `retry` sends it again."""
    with subscriber(lambda n: status if n == 1 else 200) as (port, got):
        name = world.subscribe(port)
        world.change("a", "b")
        world.deliver(lambda: len(got) == 2 and world.row(name).refusals == 0)
        assert retry(world.results, Deliverer(world.results, world.settings), name) == (1, 0)
    assert [path[-1] for _, path, _ in got] == ["a", "b", "a"]


def test_many_refusals_stop_the_subscription_and_an_update_brings_it_back(world):
    """After ten in a row its status is error; updated, it goes on where it stopped."""
    with subscriber(lambda n: 403 if n <= 10 else 200) as (port, got):
        name = world.subscribe(port)
        world.change(*(f"f{n}" for n in range(12)))
        world.deliver(lambda: world.row(name).status == "error")
        subscriptions = Subscriptions(world.results, world.settings)
        shown = subscriptions.read(name)
        assert (shown["status"], shown["error"].startswith("NET-630"), len(got)) == ("error", True, 10)
        subscriptions.update(name, {**shown, "status": "requested"})
        world.deliver(lambda: len(got) == 12)
    assert [path for _, path, _ in got][-2:] == ["/hook/Flag/f10", "/hook/Flag/f11"]


@pytest.mark.parametrize(("change", "code"), [
    ({"criteria": "Wombat"}, "FHIR-220"), ({"criteria": "Flag?wombat=1"}, "FHIR-220"),
    ({"channel": {"type": "rest-hook", "endpoint": "http://127.0.0.1:99/hook"}}, "FHIR-221"),
    ({"channel": {"type": "email", "endpoint": "http://127.0.0.1:1/hook"}}, "FHIR-222"),
    ({"channel": {"type": "rest-hook", "endpoint": "http://127.0.0.1:1/hook", "header": ["a: b\r\nc: d"]}}, "FHIR-222"),
])
def test_a_wrong_subscription_names_its_element(world, change, code):
    """Criteria, endpoint and channel are held against what is served and allowed."""
    world.allow(1)
    with pytest.raises(NonconformantMessage) as told:
        Subscriptions(world.results, world.settings).create({
            "resourceType": "Subscription", "status": "requested", "criteria": "Flag",
            "channel": {"type": "rest-hook", "endpoint": "http://127.0.0.1:1/hook"}, **change})
    assert [issue.code for issue in told.value.issues] == [code]


def test_headers_are_sent_and_never_shown(world):
    """A subscriber's secret goes to its endpoint and into no answer."""
    with subscriber(lambda n: 200) as (port, _):
        name = world.subscribe(port, header=["Authorization: Bearer wombat"])
    assert "wombat" not in json.dumps(Subscriptions(world.results, world.settings).read(name))


@pytest.mark.parametrize(("url", "may"), [
    ("https://good.example/hook", True), ("https://good.example/hook/below", True),
    ("https://good.example:443/hook", True),
    ("https://good.example/hooked", False), ("http://good.example/hook", False),
    ("https://good.example.evil/hook", False),
    ("https://good.example@evil/hook", False), ("https://good.example:8443/hook", False), ("file:///hook", False),
    ("https://good.example/hook/../admin", False), ("https://good.example/hook/%2E%2e/admin", False),
    ("wombat", False)])
def test_only_allowed_addresses_are_called(url, may):
    """Same scheme, host and port, and a path below the one that the operator named."""
    assert allowed(url, ["https://good.example/hook"]) is may


def test_pauses_grow_and_end():
    """One second, two, four … ten minutes, each varied by a quarter."""
    assert [pause(n, 0.5) for n in (1, 2, 3, 50)] == [timedelta(seconds=s) for s in (1, 2, 4, 600)]
    assert (pause(1, 0.0), pause(1, 1.0)) == (timedelta(seconds=0.75), timedelta(seconds=1.25))
