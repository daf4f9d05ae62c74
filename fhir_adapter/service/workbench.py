"""
The bench that both kinds of worker stand at: messages to a pool of processes, and what comes back into the store.

Two messages of one patient are never worked on at once. What has ended while a transaction was written shares the next
one, up to a few; meanwhile the processes already read the next messages. Until the transaction that settles it is on
disk a message counts as not processed: killed at any moment, it is simply done again.
"""

import logging
import time
from collections import deque
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from fhir_adapter.errors import StoreError
from fhir_adapter.service.logs import tell
from fhir_adapter.service.pool import Done, Pool
from fhir_adapter.service.record import Ended, record_all
from fhir_adapter.settings import Settings
from fhir_adapter.store import messages
from fhir_adapter.store.database import Connection, Database
from fhir_adapter.store.messages import Work
from fhir_adapter.tables import Tables

LOOK_SECONDS = 0.1
_MOST = 200
"""So many results may wait to be written; then the next messages wait too."""
_TOGETHER = 6
"""So many are written in one transaction: what arrives meanwhile waits for the end of it before it is acknowledged."""
_CHECKPOINT_SECONDS = 0.5
_DEATHS = 2
"""After so many processes that did not survive it, a message is set aside as failed."""


@dataclass(frozen=True, slots=True)
class End:
    """What became of a message: settled; to be tried again (`again`); or not written down, because of `error`."""

    work: Work
    again: bool = False
    error: StoreError | None = None


Beside = Callable[[Connection, Sequence[int], Sequence[int]], None]
"""What else is written in the transaction in which messages end: those that ended, those to be tried again."""


class Workbench:
    """`offer` messages in their order, take `turn`s until nothing is left, `close`."""

    def __init__(self, database: Database, settings: Settings, tables: Tables, *, beside: Beside | None = None) -> None:
        self._database, self._settings, self._tables, self._beside = database, settings, tables, beside
        self._pool = Pool(settings)
        self._ahead: deque[Work] = deque()
        self._running: dict[int, Work] = {}
        self._ended: list[Done] = []
        self._writer = ThreadPoolExecutor(1, thread_name_prefix="results")
        self._writing: Future[tuple[End, ...]] | None = None
        self._checkpoint = 0.0

    def close(self) -> None:
        """End the processes; what they work on stays in the store as it was."""
        self._writer.shutdown()
        self._pool.close()

    def wake(self) -> None:
        """Let a `turn` that waits end at once; from any thread."""
        self._pool.wake()

    @property
    def running(self) -> tuple[int, ...]:
        """The messages that were begun and are not written down yet."""
        return tuple(self._running)

    @property
    def ahead(self) -> int:
        """How many messages wait here to be begun."""
        return len(self._ahead)

    def offer(self, works: Iterable[Work]) -> None:
        """Messages to be worked on."""
        self._ahead.extend(works)

    def clear(self) -> None:
        """Forget what was not begun."""
        self._ahead.clear()

    def turn(self) -> tuple[End, ...]:
        """Begin what can be begun, wait for a moment; what has been written down since the last turn."""
        self._begin()
        self._ended += self._pool.wait(LOOK_SECONDS)
        # The processes get their next messages before the disk is waited for. The patients of these still count as
        # under way until they are written down.
        self._begin()
        ends: tuple[End, ...] = ()
        if self._writing is not None and (self._writing.done() or len(self._ended) >= _MOST):
            ends, self._writing = self._writing.result(), None
            for end in ends:
                del self._running[end.work.seq]
        if self._writing is None and self._ended:
            ended = tuple((done, self._running[done.number]) for done in self._ended[:_TOGETHER])
            del self._ended[:_TOGETHER]
            self._writing = self._writer.submit(self._written, ended)
            self._writing.add_done_callback(lambda _: self.wake())
        return ends

    def _begin(self) -> None:
        """Start what can be started: the first message of each patient of whom none is under way."""
        if not self._ahead or not self._pool.free:
            return
        busy = {work.lane for work in self._running.values() if work.lane}
        left: deque[Work] = deque()
        while self._ahead and self._pool.free:
            work = self._ahead.popleft()
            if work.lane in busy:
                left.append(work)
            else:
                self._running[work.seq] = work
                self._pool.start(work.seq, work.payload)
            if work.lane:
                busy.add(work.lane)
        self._ahead.extendleft(reversed(left))

    def _written(self, ended: Sequence[tuple[Done, Work]]) -> tuple[End, ...]:
        """Write down ends in one transaction. Where it fails none is written, and all are to be done again."""
        again = [(done, work, done.died and work.attempts + 1 < _DEATHS) for done, work in ended]
        try:
            self.write(again)
        except StoreError as error:
            tell("store out of reach", level=logging.ERROR, code=error.issues[0].code)
            return tuple(End(work, error=error) for _, work in ended)
        if time.monotonic() > self._checkpoint:
            with suppress(StoreError):  # these ends are on disk, and it is tried again soon
                self._database.checkpoint()
            self._checkpoint = time.monotonic() + _CHECKPOINT_SECONDS
        return tuple(End(work, again=one) for _, work, one in again)

    def write(self, ends: Sequence[tuple[Done, Work, bool]]) -> None:
        """One transaction; True in an end means that the message is to be tried again."""
        now = datetime.now(UTC)
        with self._database.writing() as connection:
            # A machine that was silent for long may come late: what another one settled meanwhile stays.
            still = messages.unsettled_of(connection, [work.seq for _, work, _ in ends])
            for _, work, again in ends:
                if again and work.seq in still:
                    messages.postpone(connection, work.seq, code="NET-624", due=now + timedelta(seconds=1))
            record_all(connection, [Ended(seq=work.seq, name=still[work.seq][0], received=still[work.seq][1],
                                          processed=done.processed)
                                    for done, work, again in ends if not again and work.seq in still],
                       now=now, tables=self._tables)
            if self._beside is not None:
                self._beside(connection, [work.seq for _, work, again in ends if not again],
                             [work.seq for _, work, again in ends if again])
