"""Which later examination answers a recommended follow-up, whatever comes first."""

from datetime import UTC, date, datetime, timedelta
from itertools import permutations

import pytest

from fhir_adapter.model.insight import Kind
from fhir_adapter.store import facts
from fhir_adapter.store.database import connect
from fhir_adapter.store.migrate import upgrade
from fhir_adapter.store.schema import insight_fact

DAY = date(2026, 3, 9)
"""When the follow-up was recommended: a CT in 100 days, so that examinations from day 50 on count."""


def put(connection, name: str, days: int, *, modality: str = "CT", patient: str = "P", asks: str | None = None):
    """A report so many days after DAY; `asks` is the modality of the follow-up that it recommends."""
    at = datetime(2026, 3, 9, 9, tzinfo=UTC) + timedelta(days=days)
    insights = [] if asks is None else [{
        "type": "ServiceRequest", "id": name, "kind": Kind.FOLLOWUP_RECOMMENDATION.value, "statement": "", "about": "",
        "value": "", "urgency": "", "rule": "", "confidence": None, "due_from": at.date() + timedelta(days=100),
        "due_until": at.date() + timedelta(days=100), "wanted": asks, "counts_from": at.date() + timedelta(days=50)}]
    facts.put(connection, name, {
        "message": name, "patient": patient, "title": "", "modality": modality, "sender": "", "reader": "",
        "examined": at, "received": at, "week": "2026-03-09", "turnaround": None, "communicated": None,
        **{kind.name.lower(): 0 for kind in Kind}}, insights)


def answered(connection) -> tuple[str, date | None]:
    """By what the follow-up of the report `asking` is answered, and when."""
    row = connection.execute(insight_fact.select().where(insight_fact.c.id == "asking")).one()
    return row.answered, row.answered_on


@pytest.fixture
def connection(settings):
    """An open transaction in an empty store."""
    database = connect(settings)
    upgrade(database)
    with database.writing() as connection:
        yield connection
    database.close()


@pytest.mark.parametrize("order", list(permutations(range(3))))
def test_the_first_that_counts_answers_it_in_whatever_order_they_come(connection, order):
    """Of two later examinations the earlier answers, also where reports come late or the newest first."""
    reports = (("asking", 0, "CT"), ("later", 90, None), ("latest", 120, None))
    for number in order:
        name, days, asks = reports[number]
        put(connection, name, days, asks=asks)
    assert answered(connection) == ("later", DAY + timedelta(days=90))


@pytest.mark.parametrize(("given", "asks"), [
    ({"days": 20}, "CT"), ({"days": 90, "modality": "MR"}, "CT"), ({"days": 90, "patient": "Q"}, "CT"),
    ({"days": -9}, "CT")], ids=["too soon", "another modality", "another patient", "before"])
def test_what_does_not_answer(connection, given, asks):
    """An examination answers nothing that came too soon, that was another, of someone else, or before."""
    put(connection, "asking", 0, asks=asks)
    put(connection, "other", **given)
    assert answered(connection) == ("", None)


@pytest.mark.parametrize(("asks", "modality"), [("DX", "CR"), ("", "MR")])
def test_what_answers_all_the_same(connection, asks, modality):
    """Plain films stand for one another; where no modality was asked for, any examination may be the one."""
    put(connection, "asking", 0, asks=asks)
    put(connection, "other", 90, modality=modality)
    assert answered(connection) == ("other", DAY + timedelta(days=90))


def test_a_corrected_answer_that_is_none_takes_it_back(connection):
    """An examination whose corrected report tells another modality answers the follow-up no longer."""
    put(connection, "asking", 0, asks="CT")
    put(connection, "other", 90)
    put(connection, "other", 90, modality="MR")
    assert answered(connection) == ("", None)


def test_a_corrected_answer_gives_way_to_the_next(connection):
    """Where the first that answered turns out to be another examination, the next one of the patient answers."""
    put(connection, "asking", 0, asks="CT")
    put(connection, "other", 90)
    put(connection, "latest", 120)
    put(connection, "other", 90, modality="MR")
    assert answered(connection) == ("latest", DAY + timedelta(days=120))
