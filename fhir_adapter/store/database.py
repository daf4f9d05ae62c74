"""
One database, opened, and every fault of it as a StoreError.

SQLite runs in WAL mode with synchronous=FULL: a commit that returned is on disk, whatever happens next. Writing
transactions begin with BEGIN IMMEDIATE, so that two processes wait for each other instead of failing half-way.
"""

import fcntl
import os
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

from sqlalchemy import Connection, Engine, create_engine, event, text
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError, DBAPIError, NoSuchModuleError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from fhir_adapter.errors import ConfigurationError, SettingsError, StoreError
from fhir_adapter.issues import Issue
from fhir_adapter.settings import Settings
from fhir_adapter.store.turns import Turns

__all__ = ["Connection", "Database", "connect"]

FILE = "fhir-adapter.db"
_BUSY_SECONDS = 30
_CHECKPOINT = "PRAGMA wal_checkpoint(PASSIVE)"
_LONG_PAGES = 4096
"""A journal of so many pages (16 MB) begins anew as soon as it can."""
_PATIENCE = {"connect_timeout": 5, "tcp_user_timeout": 1000 * _BUSY_SECONDS,
             "options": f"-c lock_timeout={_BUSY_SECONDS}s -c statement_timeout={4 * _BUSY_SECONDS}s"}
_AT_ONCE = 4
"""Questions of one reader that are answered at the same time; more would keep others from their connections."""
_AT_LEISURE = text("SET LOCAL synchronous_commit = off")
_ONE_BY_ONE = text("SELECT pg_advisory_xact_lock(5702576)")
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Database:
    """An open database; `writing` and `reading` give connections, and close them."""

    engine: Engine
    turns: Turns = field(default_factory=Turns, repr=False)

    @contextmanager
    def writing(self, *, hurry: bool = False) -> Iterator[Connection]:
        """One transaction: all of it is on disk when the block ends without an error, nothing of it otherwise.

        `hurry`: a sender waits for it, so it goes before the other writers of this process.

        PostgreSQL: writers are let in one by one (a transaction-level advisory lock), as SQLite does it anyhow. So two
        processes that get the same message at the same moment see each other, and rows come in order.
        """
        with self.turns.mine(hurry=hurry), _told(), self.engine.begin() as connection:
            if not self.sqlite:
                connection.execute(_ONE_BY_ONE)
            yield connection

    @contextmanager
    def beside(self) -> Iterator[Connection]:
        """PostgreSQL: a transaction beside the writers', for what does no harm when it is lost or happens twice."""
        with _told(), self.engine.begin() as connection:
            connection.execute(_AT_LEISURE)
            yield connection

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """A connection for questions."""
        with _told(), self.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            yield connection

    def answers(self, *questions: Callable[[Connection], T]) -> list[T]:
        """
        The answers to questions that count much, in their order; each on a connection of its own, at the same time.

        SQLite counts outside Python's lock, and PostgreSQL in processes of its own: two cores take half the time.
        """
        def answer(question: Callable[[Connection], T]) -> T:
            with self.reading() as connection:
                return question(connection)

        with ThreadPoolExecutor(max_workers=_AT_ONCE) as pool:
            return list(pool.map(answer, questions))

    @property
    def sqlite(self) -> bool:
        """Whether this is the embedded database."""
        return self.engine.dialect.name == "sqlite"

    def checkpoint(self) -> None:
        """
        SQLite: bring what was written from the journal into the database file, so that no writer has to.

        Writers go on meanwhile. Only what they added is brought over while they wait, and only where the journal has
        grown so long that it should begin anew.
        """
        if not self.sqlite:
            return
        with _told(), self.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            pages: int = connection.exec_driver_sql(_CHECKPOINT).one()[1]
            if pages > _LONG_PAGES:
                with self.turns.mine():
                    connection.exec_driver_sql(_CHECKPOINT)

    def close(self) -> None:
        """Let go of all connections."""
        self.engine.dispose()


@contextmanager
def _told() -> Iterator[None]:
    """Faults of the driver as a StoreError without their text, which quotes statements and values."""
    try:
        yield
    except (DBAPIError, PoolTimeout):
        raise StoreError(Issue.at("NET-620")) from None


def connect(settings: Settings) -> Database:
    """Open the database that the settings name; nothing is made in it yet (see `migrate.upgrade`)."""
    if settings.database is None:
        return Database(_sqlite(_owned(settings.data_dir / FILE)))
    try:
        url = make_url(settings.database.get_secret_value())
        if url.get_backend_name() == "sqlite":
            return Database(_sqlite(_owned(Path(url.database or FILE))))
        if url.get_backend_name() != "postgresql":
            raise SettingsError("database: is neither a sqlite nor a postgresql URL")
        # A connection that died is replaced before it is used, and nothing waits for ever: not for a connection, not
        # for a lock, not for a server that the network lost.
        return Database(create_engine(url.set(drivername="postgresql+psycopg"), pool_pre_ping=True, pool_timeout=10,
                                      connect_args=_PATIENCE, hide_parameters=True))
    except (ArgumentError, NoSuchModuleError):
        raise SettingsError("database: is not an SQLAlchemy URL") from None
    except ImportError:
        raise ConfigurationError("PostgreSQL needs its driver: pip install 'fhir-adapter[postgresql]'") from None


def _owned(file: Path) -> Path:
    """The file, made with owner-only permissions, which SQLite gives to its journal files too."""
    try:
        file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        os.close(os.open(file, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600))
    except FileExistsError:
        pass
    except OSError:
        raise ConfigurationError("data_dir: the database file cannot be made or written") from None
    return file


def _write_ahead(connection: Any, file: Path) -> None:
    """Switch the journal, one process at a time: SQLite does not wait by itself for those that do it too."""
    if connection.execute("PRAGMA journal_mode").fetchone()[0] == "wal":
        return
    # The folder is locked, not the file: closing a second handle of the file would drop SQLite's own locks on it.
    lock = os.open(file.parent, os.O_RDONLY)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX)
        connection.execute("PRAGMA journal_mode = WAL")
    finally:
        os.close(lock)


def _sqlite(file: Path) -> Engine:
    # The connection that was used last goes first: what it has read of the file is still true.
    engine = create_engine(f"sqlite:///{file}", connect_args={"timeout": _BUSY_SECONDS}, hide_parameters=True,
                           pool_use_lifo=True)

    @event.listens_for(engine, "connect")
    def connected(connection: Any, _: object) -> None:
        connection.isolation_level = None  # the driver begins nothing by itself; `begun` does
        for pragma in ("synchronous = FULL", "foreign_keys = ON", "secure_delete = ON",
                       f"wal_autocheckpoint = {4 * _LONG_PAGES}", "cache_size = -16384"):
            connection.execute(f"PRAGMA {pragma}")
        _write_ahead(connection, file)

    @event.listens_for(engine, "begin")
    def begun(connection: Connection) -> None:
        # Asked of the options: SQLite's driver knows no level of that name, and questions must not lock out writers.
        if connection.get_execution_options().get("isolation_level") != "AUTOCOMMIT":
            connection.exec_driver_sql("BEGIN IMMEDIATE")

    return engine
