"""
The MLLP front desk: judge each message, keep it, answer it.

Messages that wait for the disk at the same moment, from whatever connection, share one transaction, so that the price
of a durable write is paid once for all of them. The messages of one connection are kept in the order in which they
came; a message that takes long to judge holds up its own connection only.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial

from fhir_adapter.errors import StoreError
from fhir_adapter.service.intake import Intake, Judged, node_of, out_of_reach
from fhir_adapter.service.logs import tell
from fhir_adapter.store import messages
from fhir_adapter.store.messages import Kept
from fhir_adapter.store.states import Acknowledgement
from fhir_adapter.transport.mllp import Handler, Listener, Reply
from fhir_adapter.wire.mllp import Frame

_TOGETHER = 200
"""Most messages in one transaction."""
_MOST_NOTES = 10_000
_NOTE_SECONDS = 0.2
"""So long a note waits for a transaction that is written anyhow."""
_POLL_SECONDS = 0.2
"""How often the store is asked for application answers of enhanced mode, while a sender waits for one."""


@dataclass(frozen=True, slots=True, eq=False)
class _ToKeep:
    judged: Judged
    kept: asyncio.Future[Kept]


@dataclass(frozen=True, slots=True)
class _Note:
    """What became of the answer to a message; written down with the next transaction, which it does not hurry."""

    message: str
    outcome: Acknowledgement


_NOTES = object()
"""In the queue: notes have waited long enough."""


class Reception:
    """Takes frames from any number of connections. `await start()`, then `await stop()`."""

    def __init__(self, intake: Intake) -> None:
        self._intake = intake
        self._judges = ThreadPoolExecutor(2, thread_name_prefix="judge")
        self._disk = ThreadPoolExecutor(1, thread_name_prefix="keep")
        self._queue: asyncio.Queue[_ToKeep | object | None] = asyncio.Queue()
        self._notes: list[_Note] = []
        self._awaited: dict[str, list[asyncio.Future[bytes]]] = {}
        self._listener = Listener(self._handler, intake.settings,
                                  notice=lambda what: tell(f"mllp {what}", level=logging.WARNING))
        self._tasks: list[asyncio.Task[None]] = []

    @property
    def port(self) -> int:
        """The port that is listened on."""
        return self._listener.port

    async def start(self) -> None:
        """Listen; raises ConfigurationError where the port cannot be had. Senders of a former run are gone."""
        await self._listener.start()
        with self._intake.database.writing() as connection:
            messages.forget_connections(connection, node_of(self._intake.settings))
        self._tasks = [asyncio.create_task(self._keep_all()), asyncio.create_task(self._watch())]

    async def stop(self) -> None:
        """Take no more, finish and answer what was taken, note what was answered."""
        await self._listener.stop()
        await self._queue.put(None)
        await self._tasks[0]
        self._tasks[1].cancel()
        self._judges.shutdown()
        self._disk.shutdown()

    def _handler(self) -> Handler:
        """What takes the messages of one connection."""
        turn: asyncio.Future[None] | None = None

        async def handle(one: Frame) -> Reply:
            nonlocal turn
            loop = asyncio.get_running_loop()
            before, turn = turn, loop.create_future()
            mine = turn
            judge = partial(self._intake.judge, one.message, channel="mllp", whole=one.whole)
            item = await loop.run_in_executor(self._judges, judge)
            if before is not None:
                await before
            waiting = _ToKeep(item, loop.create_future())
            if item.answerable:
                self._queue.put_nowait(waiting)
            mine.set_result(None)
            return await self._reply(waiting) if item.answerable else Reply()

        return handle

    async def _reply(self, waiting: _ToKeep) -> Reply:
        try:
            kept = await waiting.kept
        except StoreError as error:
            return Reply(now=tuple(filter(None, (out_of_reach(waiting.judged, error),))))
        now = tuple(filter(None, (kept.answer, kept.later)))
        later = self._await_later(kept.id) if waiting.judged.deferred and not kept.state.settled else None
        if not now and later is None:
            return Reply()
        return Reply(now=now, later=later, told=partial(self._note, kept.id))

    def _note(self, name: str, written: bool) -> None:
        if not self._notes:
            asyncio.get_running_loop().call_later(_NOTE_SECONDS, self._queue.put_nowait, _NOTES)
        self._notes.append(_Note(name, Acknowledgement.SENT if written else Acknowledgement.UNSENT))

    async def _keep_all(self) -> None:
        """Write what waits, in turns, until told to end."""
        ending = False
        while not ending:
            batch = [await self._queue.get()]
            while len(batch) < _TOGETHER and not self._queue.empty():
                batch.append(self._queue.get_nowait())
            ending = None in batch
            waiting = [one for one in batch if isinstance(one, _ToKeep)]
            notes, self._notes = self._notes, []
            if not waiting and not notes:
                continue
            try:
                kept = await self._on_disk(partial(self._write, [one.judged for one in waiting], notes))
            except StoreError as error:
                tell("store out of reach", level=logging.ERROR, code=error.issues[0].code)
                if notes and not self._notes:
                    asyncio.get_running_loop().call_later(_NOTE_SECONDS, self._queue.put_nowait, _NOTES)
                self._notes = [*notes, *self._notes][-_MOST_NOTES:]
                for one in waiting:
                    one.kept.set_exception(error)
                continue
            for one, result in zip(waiting, kept, strict=True):
                one.kept.set_result(result)

    def _write(self, items: Sequence[Judged], notes: Sequence[_Note]) -> tuple[Kept, ...]:
        with self._intake.database.writing(hurry=bool(items)) as connection:
            for outcome in (Acknowledgement.SENT, Acknowledgement.UNSENT):
                if names := [note.message for note in notes if note.outcome is outcome]:
                    messages.acknowledged(connection, names, outcome)
            return self._intake.keep(connection, items)

    async def _on_disk(self, work: Callable[[], tuple[Kept, ...]]) -> tuple[Kept, ...]:
        return await asyncio.get_running_loop().run_in_executor(self._disk, work)

    def _await_later(self, name: str) -> Awaitable[bytes]:
        """The application answer of a message, once it is processed."""
        coming: asyncio.Future[bytes] = asyncio.get_running_loop().create_future()
        self._awaited.setdefault(name, []).append(coming)
        return coming

    async def _watch(self) -> None:
        """Look for application answers while someone waits for one."""
        loop = asyncio.get_running_loop()
        while True:
            await asyncio.sleep(_POLL_SECONDS)
            self._awaited = {name: live for name, coming in self._awaited.items()
                             if (live := [one for one in coming if not one.done()])}
            if not self._awaited:
                continue
            try:
                answers = await loop.run_in_executor(self._disk, self._answers, tuple(self._awaited))
            except StoreError:
                continue
            for name, answer in answers.items():
                for one in self._awaited.pop(name, []):
                    if not one.done():
                        one.set_result(answer)

    def _answers(self, names: Sequence[str]) -> dict[str, bytes]:
        with self._intake.database.reading() as connection:
            return messages.later_answers(connection, names)
