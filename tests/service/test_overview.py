"""What the first page says is what the store holds."""

from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

import pytest
from sqlalchemy import text

from fhir_adapter.issues import Issue
from fhir_adapter.service.overview import overview
from fhir_adapter.store import messages
from fhir_adapter.store.messages import New
from fhir_adapter.store.only import only_one
from fhir_adapter.store.states import State

NOW = datetime(2026, 11, 25, 9, 30, tzinfo=UTC)
ADAPTER = SimpleNamespace(engine=SimpleNamespace(name="wombat"), settings=SimpleNamespace(tables_dir=None))


def keep(database, moment, state=State.PROCESSED, *issues):
    """Have a message in the store since a moment."""
    new = New(payload=b"", channel="http", node="", state=state, issues=issues)
    with database.writing() as connection:
        return messages.keep(connection, [new], now=moment, window=timedelta(days=7))[0].id


def test_an_empty_store(database):
    """With nothing in the store nothing is stuck, nothing is wrong, and no volume is called normal."""
    seen = overview(database, ADAPTER, now=NOW)
    assert (seen.running, seen.stuck, seen.oldest, seen.troubles, seen.normal, seen.total) == (
        False, False, None, (), None, 0)
    assert [hour.number for hour in seen.hours] == [0] * 24


@contextmanager
def worker(database):
    """A worker: it holds the SQLite database, and to PostgreSQL it gives a sign of life."""
    if database.sqlite:
        with only_one(database, "worker") as mine:
            assert mine
            yield
        return
    with database.writing() as connection:
        connection.execute(text("INSERT INTO procrastinate_workers DEFAULT VALUES"))
    yield


def test_running(database):
    """It runs while a worker is at work on the database."""
    with worker(database):
        assert overview(database, ADAPTER, now=NOW).running is True


def test_a_worker_that_gave_no_sign_for_long_does_not_run(database):
    """A worker that ended without a word holds nothing, and its last sign of life is old."""
    with worker(database):
        pass
    if not database.sqlite:
        with database.writing() as connection:
            connection.execute(text("UPDATE procrastinate_workers SET last_heartbeat = now() - interval '1 hour'"))
    assert overview(database, ADAPTER, now=NOW).running is False


def test_stuck(database):
    """A message that waits too long is named with its time; one that came just now is not stuck."""
    keep(database, NOW - timedelta(seconds=5), State.RECEIVED)
    assert overview(database, ADAPTER, now=NOW).stuck is False
    keep(database, NOW, State.RECEIVED)
    later = overview(database, ADAPTER, now=NOW + timedelta(minutes=10))
    assert (later.stuck, later.waiting, later.oldest.since) == (True, 2, NOW - timedelta(seconds=5))


def test_what_goes_wrong_most(database):
    """Reasons are counted by code, most first, with rule, mend and the query that finds them."""
    keep(database, NOW, State.REJECTED, Issue.at("HL7-108"))
    keep(database, NOW, State.FAILED, Issue.at("NLP-400"))
    keep(database, NOW, State.FAILED, Issue.at("NLP-400"))
    told = overview(database, ADAPTER, now=NOW).troubles
    assert [(one.code, one.number, one.query) for one in told] == [
        ("NLP-400", 2, "state:failed code:NLP-400"), ("HL7-108", 1, "state:rejected code:HL7-108")]
    assert all(one.rule and one.mend for one in told)


@pytest.mark.parametrize(("number", "normal"), [(0, False), (3, True), (12, False)])
def test_the_volume_is_held_against_the_same_hour_of_the_days_before(database, number, normal):
    """The last full hour is normal within a third and three times of what came in this hour of the days before."""
    for day in range(1, 11):
        for _ in range(3):
            keep(database, NOW - timedelta(days=day, hours=1))
    for _ in range(number):
        keep(database, NOW - timedelta(hours=1))
    seen = overview(database, ADAPTER, now=NOW)
    assert (seen.hours[-2].number, seen.hours[-2].usual, seen.normal) == (number, 3.0, normal)


def test_what_is_to_be_tried_again_later_is_not_stuck(database):
    """A message may wait for its time; long after it is stuck, and so is one that waits behind it."""
    keep(database, NOW - timedelta(hours=1), State.RECEIVED)
    with database.writing() as connection:
        (work,) = messages.waiting(connection, now=NOW, limit=10)
        messages.postpone(connection, work.seq, code="NET-624", due=NOW + timedelta(minutes=5))
    assert overview(database, ADAPTER, now=NOW).stuck is False
    assert overview(database, ADAPTER, now=NOW + timedelta(minutes=8)).stuck is True
    keep(database, NOW - timedelta(minutes=9), State.RECEIVED)
    seen = overview(database, ADAPTER, now=NOW)
    assert (seen.stuck, seen.oldest.since) == (True, NOW - timedelta(minutes=9))
