"""
Processes that read reports, each one message after the other.

A message that kills its process or takes longer than `process_seconds` costs that process and nothing else: a new one
takes its place, and the answer says what happened.
"""

import gc
import multiprocessing
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess

from fhir_adapter.errors import EngineError
from fhir_adapter.issues import Issue
from fhir_adapter.service.processing import Processed, failure, process
from fhir_adapter.settings import Settings

_LOAD_SECONDS = 120
_DEPTH = 2
"""So many messages a process holds: the one that it reads and the next."""
_SMALL = 1 << 16
"""Bytes that a pipe takes in while no one reads it."""
_SPAWN = multiprocessing.get_context("spawn")


@dataclass(frozen=True, slots=True, kw_only=True)
class Done:
    """The end of one piece of work; `died` where its process did not survive it."""

    number: int
    processed: Processed
    died: bool = False


@dataclass(slots=True)
class _Reader:
    """A process, what it was given in that order, and until when the first of it must be done."""

    process: BaseProcess
    pipe: Connection
    held: deque[tuple[int, bytes]] = field(default_factory=deque)
    sent: int = 0
    deadline: float = 0.0
    ready: bool = False

    def send(self) -> None:
        """Send what is next; beyond the first only what the pipe takes without waiting for the process to read it."""
        try:
            while self.sent < len(self.held) and (self.sent == 0 or len(self.held[self.sent][1]) <= _SMALL):
                self.sent += 1
                self.pipe.send_bytes(self.held[self.sent - 1][1])
        except OSError:
            self.deadline = 0.0  # it is gone already; `wait` finds it so


class Pool:
    """`size` processes. `start(number, payload)` while `free`, `wait()` for ends, `close()`.

    A process has its next message before it has answered the last one, so that it never waits.
    """

    def __init__(self, settings: Settings, target: Callable[[Connection, Settings], None] | None = None) -> None:
        self._settings, self._target = settings, target or _read_all
        self._readers = [self._begin() for _ in range(settings.engine_processes)]
        self._bell, self._ring = _SPAWN.Pipe(duplex=False)
        self._rung = threading.Event()

    @property
    def free(self) -> int:
        """How many pieces of work can be started now."""
        return sum(_DEPTH - len(one.held) for one in self._readers)

    def start(self, number: int, payload: bytes) -> None:
        """Give a message to the process that has least to do; it is a fault of the caller if none is free."""
        one = min(self._readers, key=lambda one: len(one.held))
        one.held.append((number, payload))
        if len(one.held) == 1:
            one.deadline = time.monotonic() + self._settings.process_seconds + (0 if one.ready else _LOAD_SECONDS)
        one.send()

    def wait(self, seconds: float) -> Iterator[Done]:
        """What ended within this time."""
        busy = [one for one in self._readers if one.held]
        now = time.monotonic()
        patience = max(0.0, min([seconds, *(one.deadline - now for one in busy)]))
        ready = wait([self._bell, *(one.pipe for one in busy)], patience)
        if self._bell in ready:
            self._rung.clear()
            self._bell.recv_bytes()
        for one in busy:
            if one.pipe in ready:
                if done := self._received(one):
                    yield done
            elif time.monotonic() >= one.deadline:
                yield self._lost(one, "NET-623" if one.process.is_alive() else "NET-624")

    def wake(self) -> None:
        """End a `wait` before its time; from any thread."""
        if not self._rung.is_set():  # rung once is enough, and a full pipe would hold up who rings
            self._rung.set()
            self._ring.send_bytes(b"1")

    def close(self) -> None:
        """End all processes; what they work on stays as it was in the store."""
        for one in self._readers:
            one.pipe.close()
            one.process.terminate()
        for one in self._readers:
            one.process.join()

    def _begin(self) -> _Reader:
        ours, theirs = _SPAWN.Pipe()
        started = _SPAWN.Process(target=self._target, args=(theirs, self._settings), daemon=True)
        started.start()
        theirs.close()
        return _Reader(started, ours)

    def _received(self, one: _Reader) -> Done | None:
        try:
            processed = one.pipe.recv()
        except (EOFError, OSError):
            return self._lost(one, "NET-624")
        one.deadline = time.monotonic() + self._settings.process_seconds
        if processed is None:  # it has loaded; only now the time of its message counts
            one.ready = True
            return None
        assert isinstance(processed, Processed)
        done = Done(number=one.held.popleft()[0], processed=processed)
        one.sent -= 1
        one.send()
        return done

    def _lost(self, one: _Reader, code: str) -> Done:
        number, payload = one.held.popleft()
        done = Done(number=number, died=code == "NET-624", processed=failure(payload, EngineError(Issue.at(code))))
        one.process.kill()
        one.process.join()
        one.pipe.close()
        self._readers[self._readers.index(one)] = fresh = self._begin()
        for left in one.held:
            fresh.held.append(left)
            fresh.deadline = time.monotonic() + self._settings.process_seconds + _LOAD_SECONDS
        fresh.send()
        return done


def _read_all(pipe: Connection, settings: Settings) -> None:
    """The life of one process: load once, then one message after the other until the pipe closes."""
    import signal

    from fhir_adapter.service import logs
    from fhir_adapter.service.adapter import adapter

    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the terminal's interrupt is for the process that leads
    logs.configure(settings.log_level)
    loaded = adapter(settings)
    gc.freeze()  # tables are no garbage; looking through them took 60 ms, in the middle of some report
    try:
        pipe.send(None)
        while True:
            pipe.send(process(pipe.recv_bytes(), loaded))
    except (EOFError, OSError):
        return  # the process that leads is gone
