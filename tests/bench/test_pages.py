"""
Pages at 100,000 stored messages on SQLite, server time. Run: tox -e bench. They shall stay under 150 ms.

On a machine that others use too, CPU time tells more: `--benchmark-timer=time.process_time`.
"""

from datetime import UTC, datetime, timedelta
from itertools import islice
from random import Random
from uuid import UUID

import pytest
from sqlalchemy import insert, select

from fhir_adapter.model.insight import Kind
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


def known(row: dict, number: int, chance: Random) -> tuple[dict, list[dict], list[dict]]:
    """Facts of a processed message, its insights, and what was said of some: a year of a large department."""
    at, modality = row["received"], ("CT", "MR", "DX", "US", "MG")[number % 5]
    report, kinds = f"R{number}", [Kind.FINDING, Kind.QUALITY_MEASURE]
    kinds += [kind for kind, share in ((Kind.FOLLOWUP_RECOMMENDATION, 0.3), (Kind.CRITICAL_RESULT, 0.05),
                                       (Kind.UNCOMMUNICATED_CRITICAL_RESULT, 0.01), (Kind.VAGUE_RECOMMENDATION, 0.04),
                                       (Kind.LATERALITY_DISCREPANCY, 0.01)) if chance.random() < share]
    due = at.date() + timedelta(days=chance.choice((42, 90, 180, 365)))
    insights, said = [], []
    for kind in kinds:
        asked = kind is Kind.FOLLOWUP_RECOMMENDATION
        done = asked and chance.random() < 0.4
        name = f"{report}-{kind.value}"
        insights.append({
            "type": "Flag", "id": name, "report": report, "kind": kind.value, "statement": "A sentence about it.",
            "about": f"Measure {number % 9}", "value": "performanceMet", "urgency": "RID49481", "rule": "table.csv row",
            "confidence": 0.9, "due_from": due if asked else None, "due_until": due if asked else None,
            "wanted": modality if asked else "", "counts_from": due - timedelta(days=20) if asked else None,
            "answered": f"R{number // 2}" if done else "", "answered_on": due if done else None, "received": at})
        if kind not in (Kind.FINDING, Kind.QUALITY_MEASURE) and chance.random() < 0.2:
            said += [{"type": "Flag", "id": name, "report": report, "message": row["id"], "kind": kind.value,
                      "rule": "table.csv row", "modality": modality, "decision": what, "reason": "", "actor": "someone",
                      "at": at} for what in ("accepted", "done")]
    fact = {"report": report, "message": row["id"], "patient": f"P{number % 40_000}", "title": "An examination",
            "modality": modality, "sender": f"SITE{number % 7}", "reader": f"READER{number % 25}", "examined": at,
            "received": at, "week": (at.date() - timedelta(days=at.weekday())).isoformat(),
            "turnaround": chance.randint(10, 300), "communicated": 30 if number % 20 == 0 else None,
            **{kind.name.lower(): kinds.count(kind) for kind in Kind}}
    return fact, insights, said


@pytest.fixture(scope="module")
def person(tmp_path_factory):
    """A client of an application whose store is full, and the ids of a message with a real report and its patient."""
    made = adapter(load(data_dir=tmp_path_factory.mktemp("pages"), key="5a" * 32))
    app = create_app(made)
    intake = app.extensions["station"].intake
    now, chance = datetime.now(UTC), Random(2)
    with intake.database.writing() as connection:
        for some in batched(rows(now), 5000):
            connection.execute(insert(schema.message), some)
            facts = [known(row, int(row["control_id"][1:]), chance) for row in some if row["state"] == "processed"]
            connection.execute(insert(schema.report_fact), [fact for fact, _, _ in facts])
            connection.execute(insert(schema.insight_fact), [one for _, insights, _ in facts for one in insights])
            connection.execute(insert(schema.decision), [one for _, _, said in facts for one in said])
    (kept,) = intake.take((intake.judge(baseline.sample(), channel="http"),))
    with intake.database.writing() as connection:
        record(connection, MESSAGES + 1, process(baseline.sample(), made), now=now, tables=made.tables)
        patient = connection.execute(select(schema.report_fact.c.patient).where(
            schema.report_fact.c.message == kept.id)).scalar_one()
    return app.test_client(), {"message": kept.id, "patient": patient}


def batched(some, size: int):
    """In lists of a size."""
    some = iter(some)
    while batch := list(islice(some, size)):
        yield batch


@pytest.mark.parametrize("path", [
    "/", "/messages", "/messages?q=state:rejected", "/messages?q=from:zyxwell+modality:CT+since:7d",
    "/messages?q=code:HL7-1", "/messages/retry?q=state:failed", "/messages/{message}", "/worklist",
    "/worklist?group=overdue&modality=CT", "/patients/{patient}", "/quality", "/quality?weeks=52",
    "/quality?weeks=26&modality=CT&sender=SITE3", "/tables", "/table/mappings/insights/critical_results.yaml",
    "/system", "/try?sample=ct-chest-nodule"])
def test_page(benchmark, person, path):
    client, names = person
    address = path.format(**names)
    assert benchmark(lambda: client.get(address).status_code) == 200
