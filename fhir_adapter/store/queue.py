"""
Jobs of stored messages, for workers on more than one machine: procrastinate's tables in the same PostgreSQL.

A job is deferred in the transaction that keeps its message: both are on disk, or neither. Its lock is the pseudonym of
the patient, so that procrastinate hands out one patient's messages one by one and in order. A job is deleted in the
transaction that writes what became of its message. All that happens to a job happens by procrastinate's own queries.
SQLite has no jobs: its worker looks at the messages.
"""

import re
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from importlib import resources
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, text

from fhir_adapter.errors import ConfigurationError, StoreError
from fhir_adapter.issues import Issue

if TYPE_CHECKING:
    from procrastinate.jobs import Job

QUEUE = "messages"
TASK = "process"
_MISSING = text("""
    SELECT seq, lane FROM message WHERE state IN ('received', 'waiting') AND NOT EXISTS (
        SELECT 1 FROM procrastinate_jobs AS job WHERE job.queueing_lock = 'message ' || message.seq
        AND (job.status = 'todo' OR (:begun AND job.status = 'doing')))
    ORDER BY seq""")
_STEP = re.compile(r"\d\d\.\d\d\.\d\d_\d\d_.*\.sql")


def defer(connection: Connection, works: Iterable[tuple[int, str]]) -> None:
    """Have messages processed, by number and patient, in the transaction of `connection`; nothing on SQLite."""
    if connection.dialect.name != "postgresql":
        return
    jobs = [_job(seq, lane) for seq, lane in works]
    if not jobs:
        return
    from procrastinate import App, SyncPsycopgConnector
    from procrastinate.exceptions import ConnectorException

    try:
        App(connector=SyncPsycopgConnector()).job_manager.batch_defer_jobs(jobs, connection=_driver(connection))
    except ConnectorException:
        raise StoreError(Issue.at("NET-620")) from None


def defer_missing(connection: Connection, *, begun: bool) -> int:
    """The same for all messages that wait without a job; how many. `begun`: a job that someone works on is one."""
    if connection.dialect.name != "postgresql":
        return 0
    rows = connection.execute(_MISSING, {"begun": begun}).all()
    defer(connection, ((row.seq, row.lane) for row in rows))
    return len(rows)


def at_work(connection: Connection, *, seconds: float) -> bool:
    """Whether any machine gave a sign of life within this time."""
    return bool(connection.execute(text(
        "SELECT EXISTS (SELECT 1 FROM procrastinate_workers "
        "WHERE last_heartbeat > now() - make_interval(secs => :seconds))"), {"seconds": seconds}).scalar())


def register(connection: Connection) -> int:
    """A machine that works on jobs; its number."""
    return int(_asked(connection, "register_worker")[0][0])


def leave(connection: Connection, worker: int) -> None:
    """A machine works no more."""
    _asked(connection, "unregister_worker", worker_id=worker)


def live(connection: Connection, worker: int) -> None:
    """A machine's sign of life."""
    _asked(connection, "update_heartbeat", worker_id=worker)


def fetch(connection: Connection, worker: int, most: int) -> list[tuple[int, int]]:
    """The next jobs for a machine, at most so many: number of the job and of its message."""
    jobs: list[tuple[int, int]] = []
    while len(jobs) < most and (row := _asked(connection, "fetch_job", queues=[QUEUE], worker_id=worker)[0])[0]:
        jobs.append((int(row[0]), int(row[6]["seq"])))
    return jobs


def done(connection: Connection, jobs: Iterable[int]) -> None:
    """Jobs ended well; nothing is kept of them."""
    _asked_of_each(connection, "finish_job", [
        {"job_id": job, "status": "succeeded", "delete_job": True} for job in jobs])


def again(connection: Connection, jobs: Iterable[int]) -> None:
    """Jobs are to be done again, by whomever."""
    soon = datetime.now(UTC) + timedelta(seconds=1)
    _asked_of_each(connection, "retry_job", [
        {"job_id": job, "retry_at": soon, "new_priority": None, "new_queue_name": None, "new_lock": None}
        for job in jobs])


def take_up(connection: Connection, seconds: float) -> int:
    """Give the jobs of machines without a sign of life for so long back to the queue; how many."""
    rows = _asked(connection, "select_stalled_jobs_by_heartbeat", queue=QUEUE, task_name=None,
                  seconds_since_heartbeat=seconds)
    again(connection, [int(row[0]) for row in rows])
    _asked(connection, "prune_stalled_workers", seconds_since_heartbeat=seconds)
    return len(rows)


def _asked(connection: Connection, name: str, **values: object) -> list[tuple[Any, ...]]:
    """One of procrastinate's own queries, in the transaction of `connection`."""
    from procrastinate.sql import queries

    try:
        rows: list[tuple[Any, ...]] = _driver(connection).execute(queries[name], values).fetchall()
    except connection.dialect.loaded_dbapi.Error:
        raise StoreError(Issue.at("NET-620")) from None
    return rows


def _asked_of_each(connection: Connection, name: str, values: list[dict[str, object]]) -> None:
    if not values:
        return
    from procrastinate.sql import queries

    try:
        _driver(connection).cursor().executemany(queries[name], values)
    except connection.dialect.loaded_dbapi.Error:
        raise StoreError(Issue.at("NET-620")) from None


def _job(seq: int, lane: str) -> "Job":
    from procrastinate.jobs import Job

    return Job(id=None, queue=QUEUE, lock=lane or None, queueing_lock=f"message {seq}", task_name=TASK, priority=0,
               task_kwargs={"seq": seq}, scheduled_at=None)


def _driver(connection: Connection) -> Any:
    return connection.connection.driver_connection


def prepare(connection: Connection) -> None:
    """Bring procrastinate's tables to the version that is installed; ConfigurationError where it is not installed."""
    if connection.dialect.name != "postgresql":
        return
    try:
        import procrastinate  # noqa: F401 - whether it is there
    except ImportError:
        raise ConfigurationError("PostgreSQL needs its queue: pip install 'fhir-adapter[postgresql]'") from None
    folder = resources.files("procrastinate.sql")
    steps = {one.name: one for one in folder.joinpath("migrations").iterdir() if _STEP.fullmatch(one.name)}
    connection.execute(text("CREATE TABLE IF NOT EXISTS queue_step (name text PRIMARY KEY)"))
    done = set(connection.execute(text("SELECT name FROM queue_step")).scalars())
    driver = _driver(connection)
    if not done:
        driver.execute(folder.joinpath("schema.sql").read_text(encoding="utf-8"))
        # Without it, finding the next job goes through all jobs that wait, for each of them.
        connection.execute(text("CREATE INDEX queue_lock ON procrastinate_jobs (lock, id) "
                                "WHERE status IN ('todo', 'doing')"))
    for name in sorted(steps.keys() - done):
        if done:
            driver.execute(steps[name].read_text(encoding="utf-8"))
        connection.execute(text("INSERT INTO queue_step VALUES (:name)"), {"name": name})
