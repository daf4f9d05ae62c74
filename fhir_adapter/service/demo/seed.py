"""
Invented traffic put into a store, as if it had come when it says, and then a little more for as long as it runs.

All messages are kept first. A first slice, which has something for every page, is worked on before anything is served;
the rest behind it, the newest first, by a few processes that step back for those who answer. They are forked from one
that has loaded the engine, so nothing is loaded again. The worker of the workshop waits until that is done, because
only one may work on a database.
"""

import multiprocessing
import os
import signal
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from multiprocessing.connection import Connection as Pipe

from fhir_adapter.errors import ConfigurationError, EngineError, StoreError
from fhir_adapter.issues import Issue
from fhir_adapter.model.report import ReportStatus
from fhir_adapter.service.adapter import Adapter
from fhir_adapter.service.demo import team
from fhir_adapter.service.demo.traffic import MARK, Sent, Traffic
from fhir_adapter.service.intake import Intake, open_intake
from fhir_adapter.service.logs import tell
from fhir_adapter.service.processing import Processed, failure, process
from fhir_adapter.service.record import record
from fhir_adapter.store import messages, search
from fhir_adapter.store.database import Connection
from fhir_adapter.store.only import only_one
from fhir_adapter.store.states import Acknowledgement
from fhir_adapter.tables import Tables

_TOGETHER_SECONDS = 0.3
_STEP_BACK = 10
_SLICE = 25
"""So many of the newest reports come first, beside those that are marked to be."""
_PACE_SECONDS = 15
_FORK = multiprocessing.get_context("fork")


Work = list[tuple[int, str, Sent]]
"""All versions of one report in their order: the number and the id of each message, and what was sent."""
_Done = list[tuple[int, str, datetime, Processed]]


def seed(intake: Intake, sent: Sequence[Sent], loaded: Adapter, *, begun: Callable[[], None] = lambda: None) -> None:
    """
    Put messages into an empty store with the times that they came, then work on them.

    `begun` is called when every page has something to show.
    """
    groups: dict[int, Work] = {}
    for seq, name, one in _keep(intake, sent):
        groups.setdefault(one.report, []).append((seq, name, one))
    newest = sorted(groups.values(), key=lambda group: group[-1][2].at, reverse=True)
    first = [group for place, group in enumerate(newest) if place < _SLICE or group[0][2].first]
    rest = [group for place, group in enumerate(newest) if place >= _SLICE and not group[0][2].first]
    _loaded[:] = [loaded]
    now = max(one.at for one in sent)
    intake.database.close()  # a connection must not be shared with those that are forked
    with _FORK.Pool(intake.settings.engine_processes, _begin, (0,)) as pool:
        _write(intake, pool.imap_unordered(_work, first), now)
    intake.database.close()
    begun()
    with _FORK.Pool(intake.settings.engine_processes, _begin, (_STEP_BACK,)) as pool:
        _write(intake, pool.imap_unordered(_work, rest, chunksize=2), now)


def _keep(intake: Intake, sent: Sequence[Sent]) -> list[tuple[int, str, Sent]]:
    """All messages in the store, those that are to be worked on with their numbers and ids."""
    window = timedelta(days=intake.settings.duplicate_days)
    names = []
    with intake.database.writing() as connection:
        for one in sent:
            new = intake.judge(one.payload, channel=one.channel).new
            (kept,) = messages.keep(connection, [new], now=one.at, window=window)
            names.append((kept.id, one))
            if new.answer_code:
                messages.acknowledged(connection, [kept.id], Acknowledgement.SENT)
    with intake.database.reading() as connection:
        found = {work.id: work.seq for work in messages.unsettled(connection)}
    with intake.database.writing() as connection:
        for name, one in names:
            if one.fate and name in found:
                _strike(connection, found.pop(name), one, intake.tables)
    return [(found[name], name, one) for name, one in names if name in found]


def _strike(connection: Connection, seq: int, one: Sent, tables: Tables) -> None:
    """Note that a message could not be worked on, as if it had been tried: once, or so that it is tried again."""
    if one.due is not None:
        messages.postpone(connection, seq, code=one.fate, due=one.due)
        return
    failed = failure(one.payload, EngineError(Issue.at(one.fate)))
    record(connection, seq, failed, now=one.at + timedelta(seconds=30), tables=tables)


_loaded: list[Adapter] = []


def _begin(nicer: int) -> None:
    """Once in each process that works: to end is for the one that leads."""
    os.nice(nicer)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)


def _work(group: Work) -> _Done:
    """All versions of one report, in their order."""
    return [(seq, name, one.at, process(one.payload, _loaded[0])) for seq, name, one in group]


def _write(intake: Intake, done: Iterator[_Done], now: datetime) -> None:
    """Write down what became of them and what the team said of it, a few together, each at its own time."""
    waiting: _Done = []
    last = time.monotonic()

    def flush() -> None:
        with intake.database.writing() as connection:
            for seq, name, at, processed in waiting:
                record(connection, seq, processed, now=at + timedelta(milliseconds=350), tables=intake.tables)
                for report in (one for one in processed.reports if one.stamp.status is ReportStatus.FINAL):
                    team.say(connection, report.id, report.facts, name, at=at, now=now)
        waiting.clear()

    for some in done:
        waiting.extend(some)
        if time.monotonic() - last > _TOGETHER_SECONDS:
            flush()
            last = time.monotonic()
    flush()


def run(loaded: Adapter, *, started: Callable[[], None], parent: int) -> None:
    """Seed an empty store, then send a report now and then while the process `parent` lives."""
    intake = open_intake(loaded.settings, loaded.tables)
    _check(intake)
    with only_one(intake.database, "worker") as mine:
        if mine and _empty(intake):
            seed(intake, Traffic(now=datetime.now(UTC)).all(), loaded, begun=started)
            tell("seeded")
        else:
            started()
    last = time.monotonic()
    while os.getppid() == parent:
        time.sleep(1)
        if time.monotonic() - last < _PACE_SECONDS:
            continue
        last = time.monotonic()
        one = Traffic(now=datetime.now(UTC), beyond=time.time_ns()).next()
        try:
            intake.take((intake.judge(one.payload, channel=one.channel),))
        except StoreError as error:
            tell("store out of reach", code=error.issues[0].code)


def _empty(intake: Intake) -> bool:
    with intake.database.reading() as connection:
        return not search.listing(connection, (), limit=1)


def _check(intake: Intake) -> None:
    """Refuse a store that holds messages of others: a page that calls everything invented must be right."""
    with intake.database.reading() as connection:
        first = messages.oldest(connection)
    if first is not None and not first.control_id.startswith(MARK):
        raise ConfigurationError("demo: the store holds messages that are not invented; choose an empty data_dir")


@contextmanager
def beside(loaded: Adapter) -> Iterator[None]:
    """Run the traffic as a process beside this one; the block begins when it has the database to itself.

    Raises ConfigurationError where it cannot start.
    """
    owner = os.getpid()
    ours, theirs = _FORK.Pipe(duplex=False)
    child = _FORK.Process(target=_apart, args=(loaded, theirs, owner))
    child.start()
    theirs.close()
    try:
        said = ours.recv()
    except EOFError:
        said = "the process that makes the demonstration did not start"
    if said:
        child.join()
        raise ConfigurationError(said)
    try:
        yield
    finally:
        if os.getpid() == owner:
            child.terminate()
            child.join()


def _apart(loaded: Adapter, pipe: Pipe, parent: int) -> None:
    """The life of that process: it says nothing about the start if all is well, else why not."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the terminal's interrupt is for the process that leads
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    try:
        run(loaded, started=lambda: pipe.send(""), parent=parent)
    except (ConfigurationError, StoreError) as error:
        pipe.send(str(error))
