"""Subscriptions to a topic (R5 Backport): handshake, numbered events, heartbeat, gaps."""

import json
from datetime import UTC, datetime, timedelta

import pytest

from fhir_adapter.errors import NonconformantMessage
from fhir_adapter.service.subscribe import Subscriptions
from fhir_adapter.store import subscriptions as stored
from tests.service.subscribers import subscriber

GUIDE = "http://hl7.org/fhir/uv/subscriptions-backport/StructureDefinition"
TOPIC = "http://fhir-adapter.invalid/fhir/SubscriptionTopic"


def asked(port: int, *filters: str, topic: str = "results", content: str = "id-only", **numbers: int) -> dict:
    """A Subscription as the guide writes it."""
    return {
        "resourceType": "Subscription", "status": "requested", "reason": "test", "criteria": f"{TOPIC}/{topic}",
        "_criteria": {"extension": [{"url": f"{GUIDE}/backport-filter-criteria", "valueString": one}
                                    for one in filters]},
        "channel": {"type": "rest-hook", "endpoint": f"http://127.0.0.1:{port}/hook",
                    "payload": "application/fhir+json",
                    "_payload": {"extension": [{"url": f"{GUIDE}/backport-payload-content", "valueCode": content}]},
                    "extension": [{"url": f"{GUIDE}/backport-{name.replace('_', '-')}", "valueUnsignedInt": value}
                                  for name, value in numbers.items()]}}


def subscribe(world, port: int, *filters: str, **more) -> str:
    """Ask for a subscription; its id."""
    world.allow(port)
    return Subscriptions(world.results, world.settings).create(asked(port, *filters, **more))["id"]


def told(body: bytes) -> tuple[str, str, list[tuple[str, str]]]:
    """Type, events since start, and (number, focus) of each event of a notification."""
    first = json.loads(body)["entry"][0]["resource"]["parameter"]
    values = {one["name"]: next((v for k, v in one.items() if k.startswith("value")), None) for one in first}
    events = [{part["name"]: part for part in one["part"]} for one in first if one["name"] == "notification-event"]
    return values["type"], values["events-since-subscription-start"], [
        (one["event-number"]["valueString"],
         one["focus"]["valueReference"]["reference"].rsplit("/", 2)[-1] if "focus" in one else "") for one in events]


def test_handshake_first_and_then_numbered_events(world):
    """A subscription is requested until its endpoint took the handshake; what changed meanwhile is event 1 and on."""
    with subscriber(lambda n: 200) as (port, got):
        name = subscribe(world, port)
        assert world.row(name).status == "requested"
        world.change("a", "b")
        world.change("p", kind="Patient")
        world.deliver(lambda: world.row(name).delivered == 3)
    assert (world.row(name).status, world.row(name).events) == ("active", 3)
    assert [(method, path) for method, path, _ in got] == [("POST", "/hook")] * len(got)
    assert told(got[0][2]) == ("handshake", "0", [])
    assert [event for _, _, body in got[1:] for event in told(body)[2]] == [("1", "a"), ("2", "b"), ("3", "p")]


@pytest.mark.parametrize(("content", "has"), [
    ("empty", [["Parameters"], [""]]), ("id-only", [["Parameters", None], ["a"]]),
    ("full-resource", [["Parameters", "Flag"], ["a"]])])
def test_as_much_is_sent_as_was_asked_for(world, content, has):
    """Nothing of the resource, its address, or the resource itself."""
    with subscriber(lambda n: 200) as (port, got):
        name = subscribe(world, port, content=content)
        world.change("a")
        world.deliver(lambda: world.row(name).delivered == 1)
    bundle = json.loads(got[-1][2])
    types = [entry.get("resource", {}).get("resourceType") for entry in bundle["entry"]]
    assert ([types, [focus for _, focus in told(got[-1][2])[2]]], bundle["type"]) == (has, "history")


def test_filters_choose_types_and_values(world):
    """Only the types that filters name are told of, and of those only what every filter of the type holds for."""
    with subscriber(lambda n: 200) as (port, got):
        name = subscribe(world, port, "Flag?_id=a,b", "Flag?_id=b,c")
        world.change("a", "b", "c")
        world.change("b", kind="Observation")
        world.deliver(lambda: world.row(name).delivered == 1)
        world.deliver(lambda: world.row(name).cursor == world.results.last_key())
    assert [event for _, _, body in got[1:] for event in told(body)[2]] == [("1", "b")]


def test_a_number_stays_with_its_event_through_failures(world):
    """500, then well: the same numbers again; nothing is skipped and nothing is numbered twice."""
    with subscriber(lambda n: 500 if n in (2, 3) else 200) as (port, got):
        name = subscribe(world, port, max_count=1)
        world.change("a", "b")
        world.deliver(lambda: world.row(name).delivered == 2)
    assert [told(body)[2] for _, _, body in got[1:]] == [[("1", "a")]] * 3 + [[("2", "b")]]


def test_a_handshake_that_is_refused_is_an_error_until_asked_again(world):
    """Status error, nothing is sent; an update with status requested shakes hands again, and nothing was missed."""
    with subscriber(lambda n: 403 if n == 1 else 200) as (port, got):
        name = subscribe(world, port)
        world.change("a")
        world.deliver(lambda: world.row(name).status == "error")
        Subscriptions(world.results, world.settings).update(name, asked(port))
        world.deliver(lambda: world.row(name).delivered == 1)
    assert [told(body)[0] for _, _, body in got] == ["handshake", "handshake", "event-notification"]


def test_a_silent_time_ends_with_a_heartbeat(world):
    """With a heartbeat of one second, a subscription without events hears of its standing."""
    with subscriber(lambda n: 200) as (port, got):
        subscribe(world, port, heartbeat_period=1)
        world.deliver(lambda: len(got) == 3)
    assert [told(body)[0] for _, _, body in got] == ["handshake", "heartbeat", "heartbeat"]


def test_gaps_are_filled_by_number(world):
    """$events gives the events between two numbers; $status the number of the last; both know topics only."""
    with subscriber(lambda n: 200) as (port, _):
        name = subscribe(world, port)
        other = world.subscribe(port)
        world.change("a", "b", "c")
        world.deliver(lambda: world.row(name).delivered == 3)
    served = Subscriptions(world.results, world.settings)
    assert told(json.dumps(served.events(name, "2", "3")).encode()) == ("query-event", "3", [("2", "b"), ("3", "c")])
    status = served.status([name])
    assert told(json.dumps(status).encode())[:2] == ("query-status", "3")
    assert (served.events(other), served.status([other])["total"], served.status()["total"]) == (None, 0, 1)


@pytest.mark.parametrize(("change", "code"), [
    ({"criteria": f"{TOPIC}/wombat"}, "FHIR-223"), ({"criteria": "http://else.example/topic"}, "FHIR-223"),
    ({"_criteria": {"extension": [{"url": f"{GUIDE}/backport-filter-criteria", "valueString": "Wombat?x=1"}]}},
     "FHIR-223"),
    ({"_criteria": {"extension": [{"url": f"{GUIDE}/backport-filter-criteria", "valueString": "Flag?wombat=1"}]}},
     "FHIR-220")])
def test_a_wrong_topic_or_filter_names_its_element(world, change, code):
    """The topic, the type of a filter and its parameters are held against what is served."""
    world.allow(1)
    with pytest.raises(NonconformantMessage) as error:
        Subscriptions(world.results, world.settings).create({**asked(1), **change})
    assert [issue.code for issue in error.value.issues] == [code]


@pytest.mark.parametrize("given", [("-1",), ("1", "x"), ("1", "2", "all")])
def test_wrong_parameters_of_events_are_named(world, given):
    """Numbers are digits, and content one of three words."""
    with pytest.raises(NonconformantMessage, match="FHIR-224"):
        Subscriptions(world.results, world.settings).events("any", *given)


def test_old_events_are_forgotten_once_delivered(world):
    """What was delivered and is older than a moment goes; what waits stays."""
    with subscriber(lambda n: 200 if n <= 2 else 500) as (port, _):
        name = subscribe(world, port, max_count=1)
        world.change("a", "b")
        world.deliver(lambda: world.row(name).delivered == 1 and world.row(name).failures > 0)
    with world.results.database.writing() as connection:
        assert stored.forget_events(connection, datetime.now(UTC) + timedelta(days=1)) == 1
        assert [one.number for one in stored.events(connection, name, 1, 9, 9)] == [2]
