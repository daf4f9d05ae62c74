"""Messages are kept once, told apart from repetitions, and found again."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import func, select

from fhir_adapter.store.messages import New, acknowledged, find, forget_connections, keep
from fhir_adapter.store.schema import issue, message
from fhir_adapter.store.states import Acknowledgement, State

NOW = datetime(2026, 3, 9, 10, tzinfo=UTC)
WEEK = timedelta(days=7)
ONE = New(payload=b"MSH|1", channel="mllp", node="here", sender="RIS|X", control_id="1", answer_code="AA",
          answer=b"positive", conflict_code="AE", conflict=b"conflict", acknowledgement=Acknowledgement.PENDING)


def kept(database, *news, now=NOW):
    with database.writing() as connection:
        return keep(connection, news, now=now, window=WEEK)


def count(database) -> int:
    with database.reading() as connection:
        return connection.execute(select(func.count()).select_from(message)).scalar_one()


def test_a_message_is_there_after_the_transaction(database):
    """What was kept can be read back as it came, by its id."""
    (one,) = kept(database, ONE)
    with database.reading() as connection:
        row = find(connection, one.id)
    assert (row.payload, row.state, row.acknowledgement, row.received) == (b"MSH|1", "received", "pending", NOW)


def test_a_repetition_gets_the_stored_answer_and_is_not_kept(database):
    """The same control id of the same sender with the same bytes: the first answer again, one row."""
    (first,) = kept(database, ONE)
    (again,) = kept(database, replace(ONE, answer=b"another"))
    assert (again.id, again.fresh, again.answer, count(database)) == (first.id, False, b"positive", 1)


def test_a_repetition_within_one_transaction_is_known(database):
    """Two copies that arrive together are one message."""
    first, again = kept(database, ONE, ONE)
    assert (first.fresh, again.fresh, again.id, count(database)) == (True, False, first.id, 1)


def test_other_bytes_under_a_known_control_id_are_a_conflict(database):
    """They are kept as rejected with NET-621 and answered as a conflict; the first message stays as it was."""
    kept(database, ONE)
    (other,) = kept(database, replace(ONE, payload=b"MSH|2"))
    with database.reading() as connection:
        row = find(connection, other.id)
        codes = connection.execute(select(issue.c.code, issue.c.place)).all()
    assert (other.state, other.answer_code, other.answer, row.code, row.place, codes) == (
        State.REJECTED, "AE", b"conflict", "NET-621", "MSH-10", [("NET-621", "MSH-10")])


@pytest.mark.parametrize("other", [replace(ONE, sender="PACS|X"), replace(ONE, control_id="2"),
                                   replace(ONE, control_id="")], ids=["sender", "control id", "no control id"])
def test_what_differs_in_sender_or_control_id_is_another_message(database, other):
    """Control ids count for one sender only, and none is no control id."""
    kept(database, ONE)
    assert [k.fresh for k in kept(database, other)] == [True]


def test_a_control_id_is_free_again_after_the_window(database):
    """Counters start anew: after the window the same control id with other bytes is a new message."""
    kept(database, ONE)
    (late,) = kept(database, replace(ONE, payload=b"MSH|2"), now=NOW + WEEK + timedelta(seconds=1))
    assert (late.fresh, late.state, late.answer) == (True, State.RECEIVED, b"positive")


def test_rows_come_in_the_order_of_arrival(database):
    """The running number of a message follows the order in which they were given."""
    names = [one.id for one in kept(database, *(replace(ONE, control_id=str(n)) for n in range(20)))]
    with database.reading() as connection:
        assert [row.id for row in connection.execute(select(message.c.id).order_by(message.c.seq))] == names


def test_a_sender_cannot_break_a_row_by_its_values(database):
    """Null characters and endless names are clipped, not an error of the database."""
    (one,) = kept(database, replace(ONE, sender="a\0b" * 400, control_id="c" * 9000, kind="K" * 90))
    with database.reading() as connection:
        row = find(connection, one.id)
    assert (len(row.sender), len(row.control_id), len(row.kind), "\0" in row.sender) == (500, 200, 50, False)


def test_nothing_is_kept_when_the_transaction_fails(database):
    """An error before the end leaves no row."""
    def break_off() -> None:
        with database.writing() as connection:
            keep(connection, [ONE], now=NOW, window=WEEK)
            raise RuntimeError

    with pytest.raises(RuntimeError):
        break_off()
    assert count(database) == 0


def test_an_answer_that_was_sent_stays_sent(database):
    """`unsent` after `sent` (a repetition whose sender went away) changes nothing."""
    (one,) = kept(database, ONE)
    for outcome in (Acknowledgement.SENT, Acknowledgement.UNSENT):
        with database.writing() as connection:
            acknowledged(connection, [one.id], outcome)
    with database.reading() as connection:
        assert find(connection, one.id).acknowledgement == "sent"


def test_after_a_start_waiting_senders_are_gone(database):
    """Answers that a former run of this node did not note as sent are unsent; other nodes' are theirs."""
    here, there = kept(database, ONE, replace(ONE, control_id="2", node="there"))
    with database.writing() as connection:
        assert forget_connections(connection, "here") == 1
    with database.reading() as connection:
        assert [find(connection, k.id).acknowledgement for k in (here, there)] == ["unsent", "pending"]
