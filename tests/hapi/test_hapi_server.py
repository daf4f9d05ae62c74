"""HAPI's FHIR R4 server, which none of us wrote, as subscriber, as target and as source."""

import os
import shutil
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import httpx
import pytest
from sqlalchemy import select

from fhir_adapter.service.adapter import adapter
from fhir_adapter.service.delivery.loop import Deliverer
from fhir_adapter.service.intake import Intake, open_intake
from fhir_adapter.service.processing import process
from fhir_adapter.service.record import record
from fhir_adapter.service.results import Results
from fhir_adapter.service.sources.fetch import Fetcher
from fhir_adapter.service.sources.notify import notify
from fhir_adapter.service.subscribe import Subscriptions
from fhir_adapter.settings import FhirServer, load
from fhir_adapter.store.messages import waiting
from fhir_adapter.store.schema import message, resource
from tests.messages import oru

HERE = Path(__file__).parent
TEXT = ("FINDINGS: There is an 8 mm nodule in the right upper lobe. IMPRESSION: Acute pulmonary embolism. "
        "Findings were discussed with the referring physician. Recommend follow-up CT chest in 3 months.")


@pytest.fixture(scope="module")
def hapi(tmp_path_factory) -> Iterator[str]:
    """The base address of a running server; without Java and Maven there is none: an error in CI."""
    if not (shutil.which("java") and shutil.which("mvn")):
        if os.environ.get("CI"):
            pytest.fail("Java 17 and Maven are needed for HAPI's server")
        pytest.skip("Java 17 and Maven are needed for HAPI's server")
    file = tmp_path_factory.mktemp("maven") / "classpath"
    subprocess.run(["mvn", "-q", "-B", "-f", HERE / "pom.xml", "dependency:build-classpath",
                    f"-Dmdep.outputFile={file}"], check=True, capture_output=True)
    with subprocess.Popen(["java", "-cp", file.read_text(encoding="utf-8").strip(), HERE / "Server.java"],
                          stdout=subprocess.PIPE, text=True) as server:
        assert server.stdout is not None
        yield f"http://127.0.0.1:{int(server.stdout.readline())}/fhir"
        server.terminate()


@pytest.fixture
def intake(tmp_path, hapi) -> Iterator[Intake]:
    """A store with one processed report, whose settings name the server as target and source."""
    servers = (FhirServer(name="hapi", address=hapi, push=("*",), source=True, look_seconds=3600),)
    loaded = adapter(load(data_dir=tmp_path, key="5a" * 32, subscription_endpoints=(hapi,), fhir_servers=servers))
    opened = open_intake(loaded.settings, loaded.tables)
    opened.take([opened.judge(oru("1", filler=tmp_path.name, patient=tmp_path.name, text=TEXT), channel="mllp")])
    with opened.database.reading() as connection:
        works = waiting(connection, now=datetime.now(UTC), limit=10)
    for work in works:
        with opened.database.writing() as connection:
            record(connection, work.seq, process(work.payload, loaded), now=datetime.now(UTC), tables=loaded.tables)
    yield opened
    opened.database.close()


@contextmanager
def running(work: Deliverer | Fetcher) -> Iterator[None]:
    """Run until the block ends."""
    thread = threading.Thread(target=work.run)
    thread.start()
    try:
        yield
    finally:
        work.stop()
        thread.join()


def within(seconds: float, holds) -> bool:
    """Whether something becomes true in time."""
    end = time.monotonic() + seconds
    while not holds() and time.monotonic() < end:
        time.sleep(0.05)
    return bool(holds())


def stored(intake: Intake) -> list[tuple[str, str]]:
    """Type and id of every current resource."""
    with intake.database.reading() as connection:
        return [tuple(row) for row in connection.execute(select(resource.c.type, resource.c.id)
                                                         .where(resource.c.current))]


def there(hapi: str, some: list[tuple[str, str]]) -> list[tuple[str, str]]:
    """Those of some resources that the server has."""
    return [(kind, name) for kind, name in some if httpx.get(f"{hapi}/{kind}/{name}").status_code == 200]


def test_a_target_takes_everything(hapi, intake):
    """Each resource of the report is at the server, in a transaction that its strict parser took."""
    with running(Deliverer(Results(intake.database, intake.tables.results), intake.settings, look_seconds=0.05)):
        wanted = stored(intake)
        assert {"Patient", "DiagnosticReport", "Observation", "Flag", "ServiceRequest"} <= {kind for kind, _ in wanted}
        assert within(30, lambda: there(hapi, wanted) == wanted)


def test_a_subscriber_takes_each_change(hapi, intake):
    """R4 rest-hook: the server takes the PUT of a correction's Flag under its own id."""
    settings = intake.settings.model_copy(update={"fhir_servers": ()})
    results = Results(intake.database, intake.tables.results)
    Subscriptions(results, settings).create({
        "resourceType": "Subscription", "status": "requested", "criteria": "Flag", "reason": "test",
        "channel": {"type": "rest-hook", "endpoint": hapi, "payload": "application/fhir+json"}})
    before = set(stored(intake))
    loaded = adapter(settings)
    intake.take([intake.judge(oru("2", filler="other", patient="other", text=TEXT), channel="mllp")])
    with intake.database.reading() as connection:
        works = waiting(connection, now=datetime.now(UTC), limit=10)
    for work in works:
        with intake.database.writing() as connection:
            record(connection, work.seq, process(work.payload, loaded), now=datetime.now(UTC), tables=loaded.tables)
    flags = [one for one in stored(intake) if one not in before and one[0] == "Flag"]
    assert flags != []
    with running(Deliverer(results, settings, look_seconds=0.05)):
        assert within(30, lambda: there(hapi, flags) == flags)


def test_a_source_gives_the_report_and_its_patient(hapi, intake):
    """What the server notifies is fetched from it; that it cannot search by time is no hindrance."""
    httpx.put(f"{hapi}/Patient/src", json={"resourceType": "Patient", "id": "src",
                                           "name": [{"family": "ZZYZX", "given": ["QUILLON"]}]}).raise_for_status()
    httpx.put(f"{hapi}/DiagnosticReport/src", json={
        "resourceType": "DiagnosticReport", "id": "src", "status": "final", "code": {"text": "CT chest"},
        "subject": {"reference": "Patient/src"}, "conclusion": TEXT, "issued": "2026-03-01T11:00:00Z",
        "category": [{"coding": [{"system": "http://terminology.hl7.org/CodeSystem/v2-0074", "code": "RAD"}]}],
    }).raise_for_status()
    notify(intake.database, "hapi", httpx.get(f"{hapi}/DiagnosticReport/src").content)

    def taken() -> list[str]:
        with intake.database.reading() as connection:
            return list(connection.execute(select(message.c.control_id).where(message.c.sender == "fhir:hapi"))
                        .scalars())

    with running(Fetcher(intake, look_seconds=0.05)):
        assert within(30, lambda: "DiagnosticReport/src/1" in taken())
