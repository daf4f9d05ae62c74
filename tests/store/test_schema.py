"""The schema as migrated is the schema as described, and its files are the owner's alone."""

import stat
import threading
from datetime import UTC, datetime

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import text

from fhir_adapter.errors import ConfigurationError, SettingsError
from fhir_adapter.service.intake import open_intake
from fhir_adapter.service.results import Results
from fhir_adapter.settings import load
from fhir_adapter.store import migrate, subscriptions
from fhir_adapter.store.database import connect
from fhir_adapter.store.results import Change, change
from fhir_adapter.store.schema import METADATA


def ours(name: str | None, kind: str, _: object) -> bool:
    """Whether a table is one of ours; procrastinate's are its own."""
    return kind != "table" or not str(name).startswith(("procrastinate_", "queue_step"))


def test_the_migrations_make_the_described_tables(database):
    """Alembic finds no difference between the migrated database and `schema.py`."""
    with database.reading() as connection:
        context = MigrationContext.configure(connection, opts={
            "compare_type": True, "compare_server_default": True, "include_name": ours})
        assert compare_metadata(context, METADATA) == []


def test_a_subscription_of_before_keeps_its_search(store_settings, monkeypatch):
    """One that was made before topics were served is told of the same resources afterwards."""
    database = connect(store_settings)
    with monkeypatch.context() as former:
        former.setattr(command, "upgrade", lambda config, _, upgrade=command.upgrade: upgrade(config, "0005"))
        migrate.upgrade(database)
    with database.writing() as connection:
        connection.execute(text(
            "INSERT INTO subscription (id, created, status, kind, query, endpoint, payload, headers, cursor, failures, "
            "refusals, code, content) VALUES ('s', '2026-01-01 00:00:00', 'active', 'Flag', 'status=active', 'e', '', "
            "'[]', 7, 0, 0, '', '{}')"))
    migrate.upgrade(database)
    with database.reading() as connection:
        row = subscriptions.find(connection, "s")
    assert (row.manner, row.watches, row.cursor, row.events) == ("resource", '[["Flag", "status=active"]]', 7, 0)
    database.close()


def test_migrating_twice_changes_nothing(database):
    """A database of this version's schema is left alone."""
    migrate.upgrade(database)
    assert migrate.current(database) is True


def test_many_processes_may_migrate_at_once(store_settings):
    """Of several that start together one migrates, and all find the schema there."""
    opened = [connect(store_settings) for _ in range(4)]
    threads = [threading.Thread(target=migrate.upgrade, args=(one,)) for one in opened]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [migrate.current(one) for one in opened] == [True] * 4
    for one in opened:
        one.close()


def test_a_newer_database_is_refused(database):
    """A database of a version that is not known here stops the start."""
    with database.writing() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(ConfigurationError, match="newer version"):
        migrate.upgrade(database)


def test_sqlite_files_are_the_owners_alone(settings):
    """The database file and its journal files have mode 0600."""
    database = connect(settings)
    migrate.upgrade(database)
    files = sorted(settings.data_dir.glob("fhir-adapter.db*"))
    assert [(f.name, stat.S_IMODE(f.stat().st_mode)) for f in files] == [
        ("fhir-adapter.db", 0o600), ("fhir-adapter.db-shm", 0o600), ("fhir-adapter.db-wal", 0o600)]
    database.close()


def test_sqlite_commits_are_on_disk(settings):
    """The journal is a write-ahead log and every commit waits for the disk (synchronous 2 is FULL)."""
    database = connect(settings)
    with database.reading() as connection:
        found = [connection.execute(text(f"PRAGMA {name}")).scalar() for name in ("journal_mode", "synchronous")]
    assert found == ["wal", 2]
    database.close()


@pytest.mark.parametrize("url", ["mysql://x@y/z", "no url"])
def test_other_databases_are_refused(tmp_path, url):
    """Only SQLite and PostgreSQL are taken; the error names the setting and not its value."""
    with pytest.raises(SettingsError, match=r"^database: is n"):
        connect(load(data_dir=tmp_path, database=url))


def test_results_of_before_are_found_afterwards(store_settings, tables):
    """An index of what results are found by that a migration left empty is filled when the store is opened."""
    intake = open_intake(store_settings, tables)
    with intake.database.writing() as connection:
        change(connection, [Change(type="Flag", id="f", report="r", digest="d", replaces=None,
                                   content='{"resourceType":"Flag","id":"f","status":"active"}')],
               datetime(2026, 3, 9, tzinfo=UTC))
    intake.database.close()
    database = open_intake(store_settings, tables).database
    found = Results(database, tables.results).search("Flag", [("status", "active")])
    database.close()
    assert [one.id for one in found.matches] == ["f"]
