"""At most one of a kind at work on a database: a file lock beside SQLite, an advisory lock in PostgreSQL.

Both end with the process that holds them, however it ends.
"""

import fcntl
import os
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from hashlib import sha256
from pathlib import Path
from threading import Event

from sqlalchemy import text

from fhir_adapter.errors import StoreError
from fhir_adapter.store.database import Database


@contextmanager
def only_one(database: Database, what: str) -> Iterator[bool]:
    """Whether this process may be the one; it is until the block ends."""
    if database.sqlite:
        with _file(Path(f"{database.engine.url.database}.{what}")) as mine:
            yield mine
        return
    key = int.from_bytes(sha256(what.encode()).digest()[:6], "big")
    with database.reading() as connection:
        mine = bool(connection.execute(text("SELECT pg_try_advisory_lock(:key)"), {"key": key}).scalar())
        try:
            yield mine
        finally:
            if mine:
                connection.execute(text("SELECT pg_advisory_unlock(:key)"), {"key": key})


@contextmanager
def the_one(database: Database, what: str, stopping: Event, *, waiting: Callable[[], object] = lambda: None,
            pause: float = 1.0) -> Iterator[bool]:
    """
    Wait until this process may be the one, a database out of reach included; False when `stopping` comes first.

    `waiting` is called once if another one is at work.
    """
    told = False
    while not stopping.is_set():
        with ExitStack() as attempt:
            try:
                mine = attempt.enter_context(only_one(database, what))
            except StoreError:
                mine = False
            else:
                if not mine and not told:
                    waiting()
                    told = True
            if mine:
                yield True
                return
        stopping.wait(pause)
    yield False


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
