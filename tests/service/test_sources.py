"""Reports come from FHIR servers: what is notified is fetched, what was not is found, nothing is taken twice."""

import json
import re
import threading
import time
from contextlib import contextmanager
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

import pytest
from sqlalchemy import select

from fhir_adapter.errors import UnreadableMessage
from fhir_adapter.service.intake import Intake
from fhir_adapter.service.sources.fetch import Fetcher
from fhir_adapter.service.sources.notified import Notified, understood
from fhir_adapter.service.sources.notify import notify
from fhir_adapter.settings import FhirServer
from fhir_adapter.store import results as stored_results
from fhir_adapter.store import sources
from fhir_adapter.store.results import Change
from fhir_adapter.store.schema import message

PATIENT = {"resourceType": "Patient", "id": "p", "name": [{"family": "ZZYZX", "given": ["QUILLON"]}],
           "identifier": [{"system": "urn:x", "value": "881"}], "birthDate": "1950-03-04", "gender": "male"}
ORDER = {"resourceType": "ServiceRequest", "id": "o", "status": "active", "intent": "order",
         "subject": {"reference": "Patient/p"}, "code": {"text": "CT chest"}}


def report(name: str, version: int, text: str = "FINDINGS: 8 mm nodule in the right upper lobe.") -> dict:
    """A radiology report at a version."""
    return {"resourceType": "DiagnosticReport", "id": name, "status": "final",
            "meta": {"versionId": str(version), "lastUpdated": datetime.now(UTC).isoformat(timespec="milliseconds")},
            "category": [{"coding": [{"system": "http://terminology.hl7.org/CodeSystem/v2-0074", "code": "RAD"}]}],
            "code": {"text": "CT chest"}, "subject": {"reference": "Patient/p"},
            "basedOn": [{"reference": "ServiceRequest/o"}], "performer": [{"reference": "Organization/secret"}],
            "effectiveDateTime": "2026-03-01T10:00:00Z", "issued": "2026-03-01T11:00:00Z", "conclusion": text}


class Server:
    """A FHIR server: what it has, its events, what was asked of it; `down` makes it answer 503."""

    def __init__(self) -> None:
        self.has = {"Patient/p": PATIENT, "ServiceRequest/o": ORDER}
        self.events: list[str] | None = []
        self.asked: list[str] = []
        self.status, self.base, self.page = 200, "", 100

    def put(self, *reports: dict) -> None:
        """Have new reports."""
        for one in reports:
            self.has[f"DiagnosticReport/{one['id']}"] = one

    def get(self, path: str, query: dict[str, list[str]]) -> tuple[int, dict]:
        """Answer a request."""
        self.asked.append(path)
        if self.status != 200:
            return self.status, {}
        if path == "DiagnosticReport":
            since = datetime.fromisoformat(query["_lastUpdated"][0].removeprefix("ge"))
            some = sorted((one for key, one in self.has.items() if key.startswith("DiagnosticReport/")
                           and datetime.fromisoformat(one["meta"]["lastUpdated"]) >= since),
                          key=lambda one: one["meta"]["lastUpdated"])
            at = int(query.get("at", ["0"])[0])
            bundle = {"resourceType": "Bundle", "type": "searchset",
                      "entry": [{"resource": one} for one in some[at:at + self.page]]}
            if at + self.page < len(some):
                bundle["link"] = [{"relation": "next", "url": f"{self.base}/DiagnosticReport?at={at + self.page}"
                                   f"&_lastUpdated={query['_lastUpdated'][0]}"}]
            return 200, bundle
        if path.endswith("/$events"):
            if self.events is None:
                return 404, {}
            first, last = int(query["eventsSinceNumber"][0]), int(query["eventsUntilNumber"][0])
            return 200, notification(*[(n, self.events[n - 1]) for n in range(first, last + 1)], total=last)
        if path == "Organization/secret":
            return 403, {}
        return (200, self.has[path]) if path in self.has else (404, {})


@contextmanager
def server():
    """A running server."""
    state = Server()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            parts = urlsplit(self.path)
            status, content = state.get(parts.path.removeprefix("/fhir/"), parse_qs(parts.query))
            body = json.dumps(content).encode()
            self.send_response(status)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_) -> None:
            pass

    running = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    state.base = f"http://127.0.0.1:{running.server_port}/fhir"
    threading.Thread(target=running.serve_forever, daemon=True).start()
    try:
        yield state
    finally:
        running.shutdown()
        running.server_close()


def notification(*events: tuple[int, str], total: int, kind: str = "event-notification") -> dict:
    """An id-only notification of the R5 Backport."""
    parameters = [{"name": "subscription", "valueReference": {"reference": "http://else.example/Subscription/s"}},
                  {"name": "type", "valueCode": kind},
                  {"name": "events-since-subscription-start", "valueString": str(total)}]
    parameters += [{"name": "notification-event", "part": [
        {"name": "event-number", "valueString": str(number)},
        {"name": "focus", "valueReference": {"reference": f"http://else.example/fhir/DiagnosticReport/{name}"}}]}
        for number, name in events]
    return {"resourceType": "Bundle", "type": "history",
            "entry": [{"resource": {"resourceType": "Parameters", "parameter": parameters}}]}


class Adapter:
    """A store with a fetcher of one source."""

    def __init__(self, database, settings, tables, state: Server, **more) -> None:
        source = FhirServer(name="pacs", address=state.base, source=True, **{"look_seconds": 3600, **more})
        self.intake = Intake(settings.model_copy(update={"fhir_servers": (source,)}), tables, database)

    def told(self, content: dict | None = None) -> None:
        """A notification arrives."""
        notify(self.intake.database, "pacs", json.dumps(content).encode() if content else b"")

    def kept(self) -> list[str]:
        """Control ids of what was taken in, in its order."""
        with self.intake.database.reading() as connection:
            return list(connection.execute(select(message.c.control_id).order_by(message.c.seq)).scalars())

    def fetch(self, until) -> None:
        """Fetch until `until()`; waits are cut short."""
        fetcher = Fetcher(self.intake, look_seconds=0.02)
        thread = threading.Thread(target=fetcher.run)
        thread.start()
        end = time.monotonic() + 30
        while not until() and time.monotonic() < end:
            time.sleep(0.02)
        fetcher.stop()
        thread.join()
        assert until()


@pytest.fixture
def pacs():
    """A FHIR server."""
    with server() as state:
        yield state


@pytest.fixture
def adapter(database, store_settings, tables, pacs) -> Adapter:
    """A store that has the server as its source."""
    return Adapter(database, store_settings, tables, pacs)


def test_a_notified_report_is_fetched_with_what_it_refers_to(adapter, pacs):
    """The report, its patient and its order become one message; what is closed to us is left out."""
    pacs.put(report("r1", 1))
    adapter.told({"resourceType": "DiagnosticReport", "id": "r1"})
    adapter.fetch(lambda: adapter.kept() == ["DiagnosticReport/r1/1"])
    with adapter.intake.database.reading() as connection:
        row = connection.execute(select(message)).one()
    bundle = json.loads(row.payload)
    assert [entry["fullUrl"].rsplit("/fhir/")[1] for entry in bundle["entry"]] == [
        "DiagnosticReport/r1", "Patient/p", "ServiceRequest/o"]
    assert (row.state, row.sender, row.channel) == ("received", "fhir:pacs", "subscription")


def test_a_version_is_taken_once(adapter, pacs):
    """Notified twice and found by asking, a version is one message; a new version is another."""
    pacs.put(report("r1", 1))
    adapter.told({"resourceType": "DiagnosticReport", "id": "r1"})
    adapter.told()
    adapter.fetch(lambda: len(adapter.kept()) == 1)
    adapter.told({"resourceType": "DiagnosticReport", "id": "r1"})
    pacs.put(report("r2", 1))
    adapter.told({"resourceType": "DiagnosticReport", "id": "r2"})
    adapter.fetch(lambda: len(adapter.kept()) == 2)
    pacs.put(report("r1", 2))
    adapter.told({"resourceType": "DiagnosticReport", "id": "r1"})
    adapter.fetch(lambda: len(adapter.kept()) == 3)
    assert adapter.kept() == ["DiagnosticReport/r1/1", "DiagnosticReport/r2/1", "DiagnosticReport/r1/2"]


def test_what_was_never_notified_is_found_page_by_page(adapter, pacs):
    """A look asks for what changed since the last, over all pages."""
    pacs.page = 2
    pacs.put(*(report(f"r{n}", 1) for n in range(5)))
    adapter.fetch(lambda: len(adapter.kept()) == 5)
    assert pacs.asked.count("DiagnosticReport") == 3


def test_a_gap_in_the_numbers_is_filled_by_events(adapter, pacs):
    """After event 1 comes event 4: events 2 to 4 are asked for, and their reports fetched."""
    pacs.put(*({**report(f"r{n}", 1), "meta": {"versionId": "1", "lastUpdated": "2020-01-01T00:00:00Z"}}
               for n in range(1, 5)))
    pacs.events = ["r1", "r2", "r3", "r4"]
    adapter.told(notification((1, "r1"), total=1))
    adapter.fetch(lambda: len(adapter.kept()) == 1)
    adapter.told(notification((4, "r4"), total=4))
    adapter.fetch(lambda: len(adapter.kept()) == 4)
    assert sorted(adapter.kept()) == [f"DiagnosticReport/r{n}/1" for n in range(1, 5)]
    assert "Subscription/s/$events" in pacs.asked


def test_a_heartbeat_that_is_ahead_tells_of_a_gap(adapter, pacs):
    """A heartbeat says that 2 events were sent and none was heard; a server without $events is searched."""
    adapter.told(notification(total=0, kind="handshake"))
    adapter.fetch(lambda: "DiagnosticReport" in pacs.asked)
    pacs.put(report("r1", 1))
    pacs.events = None
    adapter.told(notification(total=2, kind="heartbeat"))
    adapter.fetch(lambda: adapter.kept() == ["DiagnosticReport/r1/1"])


@pytest.mark.parametrize("status", [503, 400, 422, 403, 302], ids=str)
def test_a_source_in_trouble_loses_nothing(adapter, pacs, status):
    """Whatever it answers but that the report is gone, the report stays wanted; when it is well again it is fetched."""
    pacs.put(report("r1", 1))
    pacs.status = status
    adapter.told({"resourceType": "DiagnosticReport", "id": "r1"})
    adapter.fetch(lambda: "DiagnosticReport/r1" in pacs.asked)
    assert adapter.kept() == []
    pacs.status = 200
    adapter.fetch(lambda: adapter.kept() == ["DiagnosticReport/r1/1"])


def test_a_report_that_is_gone_is_not_asked_for_again(adapter, pacs):
    """404: it is no longer wanted."""
    adapter.told({"resourceType": "DiagnosticReport", "id": "gone"})
    adapter.fetch(lambda: "DiagnosticReport/gone" in pacs.asked)
    with adapter.intake.database.reading() as connection:
        assert sources.wanted(connection, "pacs", datetime.now(UTC), 9) == []


def test_what_we_made_ourselves_is_no_report_to_read(adapter, pacs):
    """A server that is target and source gives our own results back: they are not taken in again."""
    with adapter.intake.database.writing() as connection:
        stored_results.change(connection, [Change(type="DiagnosticReport", id="ours", report="r", digest="d",
                                                  replaces=None, content="{}")], datetime.now(UTC))
    pacs.put(report("ours", 1), report("theirs", 1))
    adapter.fetch(lambda: adapter.kept() == ["DiagnosticReport/theirs/1"])
    assert "DiagnosticReport/ours" not in pacs.asked


@pytest.mark.parametrize(("content", "means"), [
    (b"", Notified(look=True)),
    (b'{"resourceType": "Observation", "id": "x"}', Notified()),
    (b'{"resourceType": "DiagnosticReport", "id": "x"}', Notified(reports=("x",))),
    (b'{"resourceType": "DiagnosticReport", "id": "../x"}', Notified()),
    (b'{"resourceType": "Bundle", "type": "transaction", "entry": [{"request": {"method": "PUT", "url": '
     b'"DiagnosticReport/a"}}, {"request": {"method": "DELETE", "url": "DiagnosticReport/b"}}]}',
     Notified(reports=("a",))),
    (json.dumps(notification((3, "a"), (4, "b"), total=4)).encode(),
     Notified(reports=("a", "b"), subscription="s", events=4, first=3)),
    (json.dumps({"resourceType": "Bundle", "type": "subscription-notification", "entry": [{"resource": {
        "resourceType": "SubscriptionStatus", "subscription": {"reference": "Subscription/s"}, "type": "heartbeat",
        "eventsSinceSubscriptionStart": "7"}}]}).encode(), Notified(subscription="s", events=7)),
    (re.sub(r', \{"name": "focus".*?\}\}', "", json.dumps(notification((1, "a"), total=1))).encode(),
     Notified(subscription="s", events=1, first=1, look=True))],
    ids=["empty", "other", "bare", "path", "transaction", "backport", "r5 heartbeat", "without focus"])
def test_every_shape_of_notification_is_understood(content, means):
    """Bare resources, nothing, and Bundles of R4, R4B and R5; a deletion and an id that is none name nothing."""
    assert understood(content) == means


@pytest.mark.parametrize("content", [b"wombat", b"[]", b'{"resourceType": 5}', b"[" * 100_000])
def test_what_is_no_fhir_is_refused(content):
    """Anything but FHIR JSON is an UnreadableMessage."""
    with pytest.raises(UnreadableMessage):
        understood(content)
