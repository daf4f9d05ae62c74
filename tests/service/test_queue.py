"""Workers on several machines share one PostgreSQL: complete, in order, and unharmed by the death of one."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from uuid import uuid4

import pytest
from sqlalchemy import func, select, text

from fhir_adapter.service import messages as service
from fhir_adapter.service.intake import Intake, open_intake
from fhir_adapter.service.messages import parse
from fhir_adapter.service.worker import at_work
from fhir_adapter.settings import load
from fhir_adapter.store import migrate, queue
from fhir_adapter.store.schema import message, report_version
from tests.conftest import ROOT
from tests.messages import oru
from tests.service.test_messages import NOW
from tests.store import databases


@pytest.fixture
def intake(postgresql, tables, tmp_path) -> Iterator[Intake]:
    """An empty store on PostgreSQL."""
    name = f"q{uuid4().hex}"
    databases.execute(postgresql, f"CREATE DATABASE {name}")
    opened = open_intake(load(data_dir=tmp_path, key="5a" * 32, database=f"{postgresql}/{name}"), tables)
    yield opened
    opened.database.close()
    databases.execute(postgresql, f"DROP DATABASE {name} WITH (FORCE)")


def take(intake: Intake, *payloads: bytes) -> None:
    intake.take([intake.judge(payload, channel="mllp") for payload in payloads])


def jobs(intake: Intake) -> list[tuple[int, str | None, str]]:
    """Message, lock and status of each job, in order."""
    with intake.database.reading() as connection:
        return [tuple(row) for row in connection.execute(
            text("SELECT (args->>'seq')::int, lock, status FROM procrastinate_jobs ORDER BY id"))]


@contextmanager
def machine(intake: Intake, node: str) -> Iterator[subprocess.Popen[bytes]]:
    """`fhir-adapter worker` as a process of its own."""
    environment = os.environ | {
        "FHIR_ADAPTER_DATA_DIR": str(intake.settings.data_dir), "FHIR_ADAPTER_KEY": "5a" * 32,
        "FHIR_ADAPTER_DATABASE": intake.settings.database.get_secret_value(), "FHIR_ADAPTER_NODE": node,
        "FHIR_ADAPTER_ENGINE_PROCESSES": "1"}
    process = subprocess.Popen([sys.executable, "-m", "fhir_adapter", "worker"], cwd=ROOT, env=environment,
                               stderr=subprocess.DEVNULL)
    try:
        yield process
    finally:
        process.terminate()
        assert process.wait(60) in (0, -signal.SIGKILL)


def number(intake: Intake, state: str) -> int:
    with intake.database.reading() as connection:
        return connection.execute(select(func.count()).select_from(message).where(
            message.c.state == state)).scalar_one()


def wait(until) -> None:
    """At most ten minutes, for machines that have much else to do."""
    deadline = time.monotonic() + 600
    while not until() and time.monotonic() < deadline:
        time.sleep(0.05)
    assert until()


def orders(intake: Intake) -> list[bool]:
    """For each patient, whether results were written down in the order in which the messages came."""
    with intake.database.reading() as connection:
        rows = connection.execute(select(message.c.lane, message.c.seq).join(
            report_version, report_version.c.message == message.c.seq).order_by(report_version.c.key)).all()
    lanes = {row.lane: [other.seq for other in rows if other.lane == row.lane] for row in rows}
    return [seqs == sorted(set(seqs)) for seqs in lanes.values()]


def test_a_message_and_its_job_are_kept_together(intake):
    """Both are there after the transaction, with the patient's pseudonym as lock; neither where it failed."""
    judged = [intake.judge(oru("Q1", patient="P1"), channel="mllp"), intake.judge(oru("Q2", text=""), channel="mllp")]
    with suppress(ZeroDivisionError), intake.database.writing() as connection:
        intake.keep(connection, judged)
        raise ZeroDivisionError
    assert (jobs(intake), number(intake, "received")) == ([], 0)
    intake.take(judged)
    with intake.database.reading() as connection:
        seq, lane = connection.execute(select(message.c.seq, message.c.lane).where(
            message.c.control_id == "Q1")).one()
    assert jobs(intake) == [(seq, lane, "todo")]


def test_a_retry_has_a_job_and_a_waiting_message_gets_one_only_once(intake):
    """Jobs are made for what has none: after a retry, or in a store that is older than its queue."""
    take(intake, oru("Q1"), oru("Q2", text=""))
    service.retry(intake, parse("state:rejected", now=NOW), go=True, actor="test")
    assert [status for _, _, status in jobs(intake)] == ["todo", "todo"]
    with intake.database.writing() as connection:
        connection.execute(text("DELETE FROM procrastinate_jobs"))
        assert [queue.defer_missing(connection, begun=True) for _ in range(2)] == [2, 0]


def test_the_queues_tables_are_made_once(intake):
    """Opening the store again changes nothing, and every step of the installed procrastinate is noted."""
    migrate.upgrade(intake.database)
    with intake.database.reading() as connection:
        steps = connection.execute(text("SELECT count(*) FROM queue_step")).scalar_one()
        indexes = connection.execute(text("SELECT count(*) FROM pg_indexes "
                                          "WHERE indexname = 'queue_lock'")).scalar_one()
    assert (steps > 10, indexes) == (True, 1)


def test_two_machines_share_the_work_and_one_may_die(intake):
    """Six patients, ten reports each; one machine is killed at work. All are processed, each once, each patient's in
    order, and no job is left.
    """
    take(intake, *(oru(f"Q{n}", filler=f"F{n}", patient=f"P{n % 6}") for n in range(60)))
    assert at_work(intake.database) is False
    with machine(intake, "one") as first, machine(intake, "two"):
        wait(lambda: number(intake, "processed") >= 5)
        assert at_work(intake.database) is True
        first.send_signal(signal.SIGKILL)
        take(intake, *(oru(f"R{n}", filler=f"G{n}", patient=f"P{n % 6}") for n in range(12)))
        wait(lambda: number(intake, "processed") == 72)
        wait(lambda: not jobs(intake))
    with intake.database.reading() as connection:
        versions = connection.execute(select(func.count()).select_from(report_version)).scalar_one()
    assert (orders(intake), versions) == ([True] * 6, 72)


def test_the_jobs_of_a_machine_that_died_are_taken_up_again(intake):
    """Killed while it has begun jobs: the next machine finds them and does them."""
    take(intake, *(oru(f"Q{n}", filler=f"F{n}", patient=f"P{n}") for n in range(20)))
    with machine(intake, "one") as first:
        wait(lambda: "doing" in {status for _, _, status in jobs(intake)})
        first.send_signal(signal.SIGKILL)
        first.wait()
    assert "doing" in {status for _, _, status in jobs(intake)}
    with machine(intake, "two"):
        wait(lambda: number(intake, "processed") == 20)
        wait(lambda: not jobs(intake))


def test_a_stop_leaves_nothing_begun(intake):
    """SIGTERM ends in order: what was begun is written down, the rest waits for others."""
    take(intake, *(oru(f"Q{n}", filler=f"F{n}", patient=f"P{n}") for n in range(40)))
    with machine(intake, "one"):
        wait(lambda: number(intake, "processed") > 1)
    left = jobs(intake)
    assert (len(left) == number(intake, "received"), {status for _, _, status in left} <= {"todo"}) == (True, True)
