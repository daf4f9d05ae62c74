"""Subscribers hear of every change, in order, through refusals, silence and downtime."""

import json
from datetime import timedelta

import pytest

from fhir_adapter.errors import NonconformantMessage
from fhir_adapter.service.delivery.again import retry
from fhir_adapter.service.patience import pause
from fhir_adapter.service.subscribe import Subscriptions
from fhir_adapter.transport.endpoints import allowed
from tests.service.subscribers import subscriber


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
        assert retry(world.results, world.settings, name) == (1, 0)
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
    ({"end": "soon"}, "FHIR-222"), ({"criteria": "Wombat"}, "FHIR-220"), ({"criteria": "Flag?wombat=1"}, "FHIR-220"),
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


def test_a_subscription_ends_when_it_was_to(world):
    """After Subscription.end (FHIR R4) it is off and hears of nothing; the one that ends later goes on."""
    def hook(port, end):
        return {"resourceType": "Subscription", "status": "requested", "criteria": "Flag", "end": end,
                "channel": {"type": "rest-hook", "endpoint": f"http://127.0.0.1:{port}/hook", "payload": ""}}

    with subscriber(lambda n: 200) as (port, got):
        world.allow(port)
        subscriptions = Subscriptions(world.results, world.settings)
        over, on = (subscriptions.create(hook(port, f"{year}-01-01T00:00:00Z"))["id"] for year in (2020, 2999))
        world.change("a")
        world.deliver(lambda: len(got) == 1 and world.row(over).status == "off")
    assert (subscriptions.read(over)["status"], subscriptions.read(on)["status"]) == ("off", "active")


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
