"""Answers are kept for their day, for the client that asked, and then gone."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from fhir_adapter.store import inference_jobs
from fhir_adapter.store.inference_jobs import Answered

NOW = datetime(2026, 3, 9, 12, tzinfo=UTC)
JOB = Answered(owner="WOMBAT", id="job-1", digest="AAA", created=NOW, expires=NOW + timedelta(hours=24), content="{}")


@pytest.fixture
def kept(database):
    """A store with one job."""
    with database.writing() as connection:
        inference_jobs.keep(connection, JOB, now=NOW)
    return database


@pytest.mark.parametrize(("owner", "name", "hours", "there"), [
    ("WOMBAT", "job-1", 0, True), ("WOMBAT", "job-1", 23, True), ("WOMBAT", "job-1", 24, False),
    ("QUOKKA", "job-1", 0, False), ("WOMBAT", "job-2", 0, False)])
def test_who_finds_it_and_how_long(kept, owner, name, hours, there):
    """Its own client finds it under its id until its day is over."""
    with kept.reading() as connection:
        found = inference_jobs.find(connection, owner, name, now=NOW + timedelta(hours=hours))
    assert found == (JOB if there else None)


def test_the_first_of_two_is_kept(kept):
    """Of two that come for one id, the first stays; another client's is another job."""
    with kept.writing() as connection:
        second = inference_jobs.keep(connection, replace(JOB, digest="BBB"), now=NOW)
        other = inference_jobs.keep(connection, replace(JOB, owner="QUOKKA", digest="CCC"), now=NOW)
    assert (second, other.digest) == (JOB, "CCC")


def test_an_id_is_free_again_after_its_day(kept):
    """A job that is over makes room for a new one of its id, even before it was purged."""
    later = NOW + timedelta(hours=25)
    new = replace(JOB, digest="BBB", created=later, expires=later + timedelta(hours=24))
    with kept.writing() as connection:
        assert inference_jobs.keep(connection, new, now=later) == new


def test_what_is_over_is_dropped(kept):
    """Purging drops jobs whose day is over, and no others."""
    with kept.writing() as connection:
        counts = [inference_jobs.forget(connection, now=NOW + timedelta(hours=hours)) for hours in (23, 24, 25)]
    assert counts == [0, 1, 0]
