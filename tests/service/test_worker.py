"""The embedded worker with real processes: complete, in order, and unharmed by what it reads."""

import os
import signal
import threading
import time
from contextlib import ExitStack
from multiprocessing.connection import Connection

import pytest
from sqlalchemy import select

from fhir_adapter.service.intake import Intake
from fhir_adapter.service.pool import Pool
from fhir_adapter.service.processing import Processed
from fhir_adapter.service.worker import Worker
from fhir_adapter.settings import Settings
from fhir_adapter.store.only import only_one, the_one
from fhir_adapter.store.schema import issue, message, report_version
from fhir_adapter.store.states import State
from tests.messages import oru


def echo(pipe: Connection, settings: Settings) -> None:
    """A process that reads nothing, dies of DIE and hangs on HANG; it notes the order in which messages came."""
    pipe.send(None)
    while True:
        try:
            payload = pipe.recv_bytes()
        except EOFError:
            return
        if b"DIE" in payload:
            os.kill(os.getpid(), signal.SIGKILL)
        if b"HANG" in payload:
            time.sleep(3600)
        with (settings.data_dir / "order").open("ab", buffering=0) as order:
            order.write(payload.split(b"|")[9] + b"\n")
        pipe.send(Processed(state=State.PROCESSED))


@pytest.fixture
def intake(store_settings, database, tables) -> Intake:
    return Intake(store_settings.model_copy(update={"engine_processes": 2}), tables, database)


def worked(intake: Intake, monkeypatch, *, until, target=echo, **options) -> None:
    """Run a worker until `until()`."""
    settings = intake.settings.model_copy(update=options)
    if target is not None:
        monkeypatch.setattr("fhir_adapter.service.workbench.Pool", lambda settings: Pool(settings, target))
    worker = Worker(intake.database, settings, intake.tables)
    thread = threading.Thread(target=worker.run)
    thread.start()
    deadline = time.monotonic() + 60
    while not until() and time.monotonic() < deadline:
        time.sleep(0.02)
    worker.stop()
    thread.join()
    assert until()


def take(intake: Intake, *payloads: bytes) -> None:
    intake.take([intake.judge(payload, channel="mllp") for payload in payloads])


def states(intake: Intake) -> list[tuple[str, str]]:
    with intake.database.reading() as connection:
        return [tuple(row) for row in connection.execute(
            select(message.c.state, message.c.code).order_by(message.c.seq))]


def settled(intake: Intake):
    return lambda: not [state for state, _ in states(intake) if state in ("received", "waiting")]


def test_the_real_engine_processes_what_was_taken(intake, monkeypatch):
    """Five reports of five patients become five current versions."""
    take(intake, *(oru(f"Q{n}", filler=f"F{n}", patient=f"P{n}") for n in range(5)))
    worked(intake, monkeypatch, until=settled(intake), target=None)
    with intake.database.reading() as connection:
        current = connection.execute(select(report_version.c.report).where(report_version.c.current)).all()
    assert (states(intake), len(current)) == ([("processed", "")] * 5, 5)


def test_a_patients_messages_are_read_in_order(intake, monkeypatch):
    """Thirty messages of three patients, two processes: each patient's come in the order in which they were taken."""
    names = [f"P{n % 3}-{n}" for n in range(30)]
    take(intake, *(oru(name, filler=name, patient=name.partition("-")[0]) for name in names))
    worked(intake, monkeypatch, until=settled(intake))
    order = (intake.settings.data_dir / "order").read_text().split()
    assert sorted(order) == sorted(names)
    for patient in ("P0", "P1", "P2"):
        assert [n for n in order if n.startswith(patient)] == [n for n in names if n.startswith(patient)]


def test_a_message_that_kills_its_process_is_set_aside(intake, monkeypatch):
    """After two deaths it is failed with NET-624; the messages beside it are processed."""
    take(intake, oru("Q1", patient="P1"), oru("Q2", text="DIE", patient="P2"), oru("Q3", patient="P3"))
    worked(intake, monkeypatch, until=settled(intake))
    assert states(intake) == [("processed", ""), ("failed", "NET-624"), ("processed", "")]
    with intake.database.reading() as connection:
        assert connection.execute(select(message.c.attempts).order_by(message.c.seq)).scalars().all() == [1, 2, 1]


def test_a_message_that_takes_too_long_is_set_aside(intake, monkeypatch):
    """It is failed with NET-623 after `process_seconds`; the others are processed."""
    take(intake, oru("Q1", text="HANG", patient="P1"), oru("Q2", patient="P2"))
    worked(intake, monkeypatch, until=settled(intake), process_seconds=1)
    assert states(intake) == [("failed", "NET-623"), ("processed", "")]


def test_a_store_that_fails_for_a_moment_loses_no_result(intake, monkeypatch):
    """Where writing down a result fails, the message is processed again."""
    from fhir_adapter.errors import StoreError
    from fhir_adapter.issues import Issue
    from fhir_adapter.service import workbench

    tries = []

    def failing(*given, **options):
        tries.append(1)
        if len(tries) == 1:
            raise StoreError(Issue.at("NET-620"))
        real(*given, **options)

    real = workbench.record_all
    monkeypatch.setattr("fhir_adapter.service.workbench.record_all", failing)
    take(intake, oru("Q1"))
    worked(intake, monkeypatch, until=settled(intake))
    assert (states(intake), len(tries)) == ([("processed", "")], 2)


def test_one_coordinator_works_on_a_database(intake):
    """A second one is told that it may not; after the first has ended it may."""
    with only_one(intake.database, "worker") as first, only_one(intake.database, "worker") as second:
        assert (first, second) == (True, False)
    with only_one(intake.database, "worker") as again:
        assert again is True


def test_waiting_for_ones_turn_holds_nothing(intake):
    """However long another one is at work, no connection and no handle is kept meanwhile; then it is ours."""
    stopping, tries = threading.Event(), []

    def count(*_: object) -> None:
        tries.append(1)
        if len(tries) == 40:
            other.close()

    other = ExitStack()
    assert other.enter_context(only_one(intake.database, "worker")) is True
    stopping.wait = count
    with the_one(intake.database, "worker", stopping) as mine:
        assert (mine is not None, len(tries)) == (True, 40)


def test_issues_of_processing_can_be_found(intake, monkeypatch):
    """What the reader warned of rests beside the message."""
    take(intake, oru("Q1", charset=""), oru("Q2", status="QQ", patient="P2"))
    worked(intake, monkeypatch, until=settled(intake), target=None)
    with intake.database.reading() as connection:
        found = connection.execute(select(issue.c.message, issue.c.code)).all()
    assert (2, "HL7-114") in found
