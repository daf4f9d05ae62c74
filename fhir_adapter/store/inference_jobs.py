"""Answers of the Radiology Insights API, each known for a while to the client that asked."""

from dataclasses import asdict, dataclass
from datetime import datetime

from sqlalchemy import Connection, delete, insert, select

from fhir_adapter.store.schema import inference_job


@dataclass(frozen=True, slots=True, kw_only=True)
class Answered:
    """One job: whose, under which id, for which request (its digest), until when, and the answer in JSON."""

    owner: str
    id: str
    digest: str
    created: datetime
    expires: datetime
    content: str


def find(connection: Connection, owner: str, name: str, *, now: datetime) -> Answered | None:
    """The job of this id that this client made; None where there is none or its time is over."""
    row = connection.execute(select(inference_job).where(
        inference_job.c.owner == owner, inference_job.c.id == name, inference_job.c.expires > now)).first()
    return None if row is None else Answered(**row._mapping)


def keep(connection: Connection, job: Answered, *, now: datetime) -> Answered:
    """Keep a job, or give the one that was kept under its id meanwhile."""
    known = find(connection, job.owner, job.id, now=now)
    if known is not None:
        return known
    connection.execute(delete(inference_job).where(inference_job.c.owner == job.owner, inference_job.c.id == job.id))
    connection.execute(insert(inference_job).values(asdict(job)))
    return job


def forget(connection: Connection, *, now: datetime) -> int:
    """Drop all jobs whose time is over; how many."""
    return connection.execute(delete(inference_job).where(inference_job.c.expires <= now)).rowcount
