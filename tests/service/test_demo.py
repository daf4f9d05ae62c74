"""The demonstration's traffic is the same every time, and becomes what the pages are there to show."""

from datetime import UTC, datetime, timedelta

import pytest

from fhir_adapter.errors import ConfigurationError
from fhir_adapter.service.adapter import adapter
from fhir_adapter.service.demo.seed import beside, seed
from fhir_adapter.service.demo.traffic import Traffic
from fhir_adapter.service.intake import open_intake
from fhir_adapter.settings import load
from fhir_adapter.store import search, traffic
from fhir_adapter.store.schema import message, resource
from fhir_adapter.store.states import State
from tests.messages import oru

NOW = datetime(2026, 11, 25, 9, 30, tzinfo=UTC)


@pytest.fixture(scope="module")
def loaded(tmp_path_factory):
    """Settings, tables and engine with a store of their own."""
    return adapter(load(data_dir=tmp_path_factory.mktemp("demo"), key="5a" * 32, engine_processes=2,
                        keep_processed_days=400, keep_messages_days=400))


def test_the_traffic_is_the_same_every_time():
    """The same moment gives the same messages, several hundred over half a year, in the order of their time."""
    one, other = Traffic(now=NOW).all(), Traffic(now=NOW).all()
    assert [sent.payload for sent in one] == [sent.payload for sent in other]
    assert [sent.at for sent in one] == sorted(sent.at for sent in one)
    assert (400 < len(one) < 700, one[-1].at <= NOW, one[0].at < NOW - timedelta(days=150)) == (True, True, True)


def test_what_comes_later_has_numbers_of_its_own():
    """What is sent while the demonstration runs repeats no control id of what was seeded."""
    seeded = {sent.payload.split(b"|")[9] for sent in Traffic(now=NOW).all() if sent.channel == "mllp"}
    later = {Traffic(now=NOW, beyond=10**8 + number).next().payload.split(b"|")[9] for number in range(0, 10_000, 1000)}
    assert (len(later), later & seeded) == (10, set())


def test_it_becomes_what_the_pages_show(loaded):
    """Reports are processed at their own times, some are refused, fail or wait, and there are critical results, told of
    or not.
    """
    intake, sent = open_intake(loaded.settings, loaded.tables), Traffic(now=NOW).all()[-150:]
    begun: list[bool] = []
    seed(intake, sent, loaded, begun=lambda: begun.append(True))
    with intake.database.reading() as connection:
        states = traffic.by_state(connection)
        newest = search.listing(connection, (), limit=1)[0]
        processed = connection.execute(message.select().where(message.c.state == State.PROCESSED)).all()
        kinds = connection.execute(resource.select().where(resource.c.current)).all()
    assert {one.channel for one in sent} == {"mllp", "http"}
    assert (set(states), begun) == ({State.PROCESSED, State.REJECTED, State.FAILED, State.WAITING}, [True])
    assert sum(states.values()) == len(sent)
    assert newest.received == sent[-1].at
    assert all(row.settled - row.received < timedelta(seconds=1) for row in processed)
    held = " ".join(row.content for row in kinds)
    assert [kind for kind in ("criticalResult", "uncommunicatedCriticalResult", "lateralityDiscrepancy", "sexMismatch",
                              "ageMismatch", "completeOrderDiscrepancy", "procedureDiscrepancy", "vagueRecommendation",
                              "followupRecommendation", "followupCommunication", "scoringAndAssessment")
            if f'"{kind}"' not in held] == []


def test_it_stays_out_of_a_store_of_others(tmp_path):
    """A store that holds messages that are not invented is refused, whatever they are."""
    others = adapter(load(data_dir=tmp_path, key="5a" * 32))
    intake = open_intake(others.settings, others.tables)
    intake.take((intake.judge(oru(), channel="mllp"),))
    intake.database.close()
    with pytest.raises(ConfigurationError, match="empty data_dir"), beside(others):
        pass
