"""Bring a database to the schema of this version, by Alembic; many processes may try at once, one does it."""

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, text

from fhir_adapter.errors import ConfigurationError
from fhir_adapter.store import queue
from fhir_adapter.store.database import Database

_LOCK = 5_702_575
"""PostgreSQL's advisory lock of the migration; any number that no one else uses."""


def upgrade(database: Database) -> None:
    """Migrate up to this version's schema. A database of a newer version is a ConfigurationError."""
    config = _config()
    with database.writing() as connection:
        if not database.sqlite:
            connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _LOCK})
        if _current(connection) != _head(config):
            _known(connection, config)
            config.attributes["connection"] = connection
            command.upgrade(config, "head")
        queue.prepare(connection)


def current(database: Database) -> bool:
    """Whether the database has this version's schema."""
    with database.reading() as connection:
        return _current(connection) == _head(_config())


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations").replace("%", "%%"))
    return config


def _head(config: Config) -> str | None:
    return ScriptDirectory.from_config(config).get_current_head()


def _current(connection: Connection) -> str | None:
    return MigrationContext.configure(connection).get_current_revision()


def _known(connection: Connection, config: Config) -> None:
    found = _current(connection)
    known = {script.revision for script in ScriptDirectory.from_config(config).walk_revisions()}
    if found is not None and found not in known:
        raise ConfigurationError("The database was made by a newer version of fhir-adapter; install that version.")
