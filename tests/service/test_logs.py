"""Logs hold what has an allowed key, and of third parties nothing that they say."""

import io
import json
import logging

import pytest

from fhir_adapter.service import logs


@pytest.fixture
def stream():
    """What is logged; the loggers are afterwards as they were."""
    kept = [(one, one.handlers[:], one.level, one.propagate) for one in (logging.getLogger(), logs.LOGGER)]
    out = io.StringIO()
    logs.configure("INFO", out)
    yield out
    for one, handlers, level, propagate in kept:
        one.handlers[:], one.propagate = handlers, propagate
        one.setLevel(level)


def test_a_third_party_says_nothing_but_that_it_spoke(stream):
    """A warning with a name, and an exception that quotes one, become a line with the logger's name alone."""
    third = logging.getLogger("procrastinate.worker")
    third.warning("job of %s", "ZZYZX", extra={"job": "QUILLON"})
    try:
        raise ValueError("ZZYZX^QUILLON")
    except ValueError:
        third.exception("failed")
    lines = [json.loads(line) for line in stream.getvalue().splitlines()]
    assert [(one["event"], one["logger"]) for one in lines] == [("third party", "procrastinate.worker")] * 2
    assert "ZZYZX" not in stream.getvalue()
    assert "QUILLON" not in stream.getvalue()


def test_our_own_lines_come_once(stream):
    """One event is one line, with its facts."""
    logs.tell("request", status=200)
    assert [json.loads(line)["status"] for line in stream.getvalue().splitlines()] == [200]


def test_a_fact_without_an_allowed_key_is_refused(stream):
    """A log line cannot be given what it must not hold."""
    with pytest.raises(ValueError, match="allow-listed"):
        logs.tell("request", patient="ZZYZX")
    assert stream.getvalue() == ""
