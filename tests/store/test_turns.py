"""Who waits for whom at the store."""

import threading
import time

from sqlalchemy import select

from fhir_adapter.store.schema import message
from fhir_adapter.store.turns import Turns


def test_a_question_waits_for_no_writer(database):
    """While a transaction is open, another thread reads what was there before it."""
    answers: list[object] = []

    def ask() -> None:
        with database.reading() as connection:
            answers.append(connection.execute(select(message.c.id)).all())

    with database.writing():
        asking = threading.Thread(target=ask)
        asking.start()
        asking.join(10)
        assert answers == [[]]


def test_a_writer_waits_for_no_question(database):
    """While someone reads, another thread writes."""
    with database.reading() as connection:
        connection.execute(select(message.c.id)).all()
        writing = threading.Thread(target=write, args=(database,))
        writing.start()
        writing.join(10)
        assert not writing.is_alive()


def write(database) -> None:
    with database.writing() as connection:
        connection.execute(message.delete())


def test_who_is_in_a_hurry_goes_first():
    """Of two that wait for their turn the later one goes first, if a sender waits for it."""
    turns, order = Turns(), []

    def one(name: str, hurry: bool) -> None:
        with turns.mine(hurry=hurry):
            order.append(name)

    with turns.mine():
        threads = []
        for waiting, (name, hurry) in enumerate((("results", False), ("message", True)), start=1):
            threads.append(threading.Thread(target=one, args=(name, hurry)))
            threads[-1].start()
            while len(turns._changed._waiters) < waiting:
                time.sleep(0.001)
    for thread in threads:
        thread.join()
    assert order == ["message", "results"]


def test_a_checkpoint_empties_the_journal(database):
    """What was written is in the database file after it; where there is no journal it does nothing."""
    write(database)
    database.checkpoint()
    if database.sqlite:
        with database.reading() as connection:
            _, pages, written = connection.exec_driver_sql("PRAGMA wal_checkpoint(PASSIVE)").one()
        assert pages == written
