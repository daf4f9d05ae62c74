"""At most one of a kind at work on a database: a file lock beside SQLite, an advisory lock in PostgreSQL.

Both end with the process that holds them, however it ends.
"""

import fcntl
import os
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from threading import Event

from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from fhir_adapter.errors import StoreError
from fhir_adapter.store.database import Connection, Database


@dataclass(frozen=True, slots=True)
class Hold:
    """What the one holds. PostgreSQL lets go of it when the session ends, be it by its restart or by a network."""

    session: Connection | None = field(default=None, repr=False)
    number: int = 0

    def still(self) -> bool:
        """Whether it holds yet; another may be the one where not."""
        if self.session is None:
            return True
        try:  # a session that took the place of one that ended holds nothing
            return self.session.execute(_SESSION).scalar() == self.number
        except SQLAlchemyError:
            return False


_SESSION = text("SELECT pg_backend_pid()")


@contextmanager
def only_one(database: Database, what: str) -> Iterator[bool]:
    """Whether this process may be the one; it is until the block ends."""
    with _held(database, what) as hold:
        yield hold is not None


@contextmanager
def the_one(database: Database, what: str, stopping: Event, *, waiting: Callable[[], object] = lambda: None,
            pause: float = 1.0) -> Iterator[Hold | None]:
    """
    Wait until this process may be the one, a database out of reach included; None when `stopping` comes first.

    `waiting` is called once if another one is at work.
    """
    told = False
    while not stopping.is_set():
        with ExitStack() as attempt:
            try:
                hold = attempt.enter_context(_held(database, what))
            except StoreError:
                hold = None
            else:
                if hold is None and not told:
                    waiting()
                    told = True
            if hold is not None:
                yield hold
                return
        stopping.wait(pause)
    yield None


@contextmanager
def _held(database: Database, what: str) -> Iterator[Hold | None]:
    if database.sqlite:
        with _file(Path(f"{database.engine.url.database}.{what}")) as mine:
            yield Hold() if mine else None
        return
    key = int.from_bytes(sha256(what.encode()).digest()[:6], "big")
    with database.reading() as connection:
        mine = bool(connection.execute(text("SELECT pg_try_advisory_lock(:key)"), {"key": key}).scalar())
        hold = Hold(connection, int(connection.execute(_SESSION).scalar_one())) if mine else None
        try:
            yield hold
        finally:
            if hold is not None and hold.still():
                connection.execute(text("SELECT pg_advisory_unlock(:key)"), {"key": key})


@contextmanager
def _file(path: Path) -> Iterator[bool]:
    handle = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            mine = True
        except BlockingIOError:
            mine = False
        yield mine
    finally:
        os.close(handle)
