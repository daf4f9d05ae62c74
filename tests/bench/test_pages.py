"""Pages at 100,000 stored messages on SQLite, server time. Run: tox -e bench. They shall stay under 150 ms."""

from datetime import UTC, datetime, timedelta
from random import Random
from uuid import UUID

import pytest
from sqlalchemy import insert

from fhir_adapter.service.adapter import adapter
from fhir_adapter.service.processing import process
from fhir_adapter.service.record import record
from fhir_adapter.settings import load
from fhir_adapter.store import schema
from fhir_adapter.web.app import create_app
from tests.bench import baseline

MESSAGES = 100_000
STATES = (("processed", ""),) * 95 + (("rejected", "HL7-108"),) * 3 + (("failed", "NLP-400"), ("filtered", ""))


def rows(now: datetime):
    """Messages of the last year, most of them lately."""
    chance = Random(1)
    ages = sorted((chance.betavariate(1, 4) * 365 * 86400 for _ in range(MESSAGES)), reverse=True)
    for number, age in enumerate(ages):
        at = now - timedelta(seconds=age)
        state, code = STATES[number % len(STATES)]
        yield {"id": str(UUID(int=number)), "received": at, "channel": "mllp", "node": "n", "sender": "RIS|ZYXWELL",
               "control_id": f"Q{number}", "digest": "0" * 64, "format": "hl7v2", "kind": "ORU^R01", "modality": "CT",
               "lane": f"L{number % 9000}", "state": state, "code": code, "place": "OBX-5" if code else "",
               "acknowledgement": "sent", "answer_code": "CA", "later_code": "", "attempts": 1, "settled": at,
               "payload": b"x" * 2000}


@pytest.fixture(scope="module")
def person(tmp_path_factory):
    """A client of an application whose store is full, and the id of a message with a real report."""
    made = adapter(load(data_dir=tmp_path_factory.mktemp("pages"), key="5a" * 32))
    app = create_app(made)
    intake = app.extensions["station"].intake
    now, batch = datetime.now(UTC), []
    with intake.database.writing() as connection:
        for row in rows(now):
            batch.append(row)
            if len(batch) == 5000:
                connection.execute(insert(schema.message), batch)
                batch = []
    (kept,) = intake.take((intake.judge(baseline.sample(), channel="http"),))
    with intake.database.writing() as connection:
        record(connection, MESSAGES + 1, process(baseline.sample(), made), now=now, tables=made.tables)
    return app.test_client(), kept.id


@pytest.mark.parametrize("path", [
    "/", "/messages", "/messages?q=state:rejected", "/messages?q=from:zyxwell+modality:CT+since:7d",
    "/messages?q=code:HL7-1", "/messages/retry?q=state:failed", "/messages/{message}", "/tables", "/system",
    "/try?sample=ct-chest-nodule"])
def test_page(benchmark, person, path):
    client, message = person
    address = path.format(message=message)
    assert benchmark(lambda: client.get(address).status_code) == 200
