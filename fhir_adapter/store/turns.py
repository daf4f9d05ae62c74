"""Who of a process writes next: one at a time, and what someone waits for goes before what no one waits for."""

from collections.abc import Iterator
from contextlib import contextmanager
from threading import Condition


class Turns:
    """A lock with a queue for those in a hurry. SQLite's own waiting is blind and may starve one of its writers."""

    def __init__(self) -> None:
        self._changed = Condition()
        self._taken = False
        self._hurrying = 0
        self.hurried = 0
        """How many turns in a hurry have ended."""

    @contextmanager
    def mine(self, *, hurry: bool = False) -> Iterator[None]:
        """Wait for one's turn and have it until the block ends; `hurry` goes before all that is not in a hurry."""
        with self._changed:
            self._hurrying += hurry
            try:
                while self._taken or (self._hurrying and not hurry):
                    self._changed.wait()
            finally:
                self._hurrying -= hurry
            self._taken = True
        try:
            yield
        finally:
            with self._changed:
                self._taken = False
                self.hurried += hurry
                self._changed.notify_all()
