"""What several tests of the service share."""

import pytest

from tests.service.subscribers import World


@pytest.fixture
def world(database, store_settings, tables) -> World:
    """An open store, on SQLite and on PostgreSQL, with a deliverer."""
    return World(database, store_settings, tables)
