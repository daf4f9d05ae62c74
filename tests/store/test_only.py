"""Who is the one at work stays so as long as the database says so."""

import threading

import pytest
from sqlalchemy import text

from fhir_adapter.store.only import only_one, the_one
from tests.store import databases


@pytest.mark.parametrize("store_settings", ["postgresql"], indirect=True)
def test_what_a_restart_of_the_server_took_is_known_to_be_lost(postgresql, database):
    """PostgreSQL ends all sessions when it is restarted: the one holds nothing any more, and another may be it."""
    with the_one(database, "deliverer", threading.Event()) as hold:
        before = hold.still()
        with database.reading() as connection:
            name = connection.execute(text("SELECT current_database()")).scalar()
        databases.execute(postgresql,
                          f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}'")
        assert (before, hold.still(), hold.still()) == (True, False, False)
        with only_one(database, "deliverer") as other:
            assert other is True


def test_the_one_keeps_what_it_holds(database):
    """However often it asks; another may be it when it has ended."""
    with the_one(database, "deliverer", threading.Event()) as hold, only_one(database, "deliverer") as other:
        assert (hold.still(), hold.still(), other) == (True, True, False)
    with only_one(database, "deliverer") as after:
        assert after is True
