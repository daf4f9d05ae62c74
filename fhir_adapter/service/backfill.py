"""
Archives into the store: folders, zip archives and NDJSON of any size, from where the last run came to.

Messages are taken a few at a time, in one transaction with the place up to which their file was taken. Killed at any
moment, the next run goes on behind the last message that is on disk; none is left out and none is taken twice. No more
are taken ahead than `AHEAD`, so that reports of today are not kept waiting by those of ten years.
"""

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path

from fhir_adapter.errors import UnreadableMessage
from fhir_adapter.issues import Issue
from fhir_adapter.service.archives import Member, members
from fhir_adapter.service.intake import Intake, Judged, node_of
from fhir_adapter.store import backfills
from fhir_adapter.store.messages import New
from fhir_adapter.store.states import State
from fhir_adapter.wire.modes import Owed
from fhir_adapter.wire.streams import Piece, messages

AHEAD = 200
_TOGETHER = 50
_LOOK_SECONDS = 0.1
_NO_REPORT = ("FHIR-202",)
"""Resources of other types, which stand beside reports in bulk exports, are passed over."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """What happened: bytes of files done, messages taken and passed over since the last step."""

    size: int = 0
    taken: int = 0
    passed: int = 0


def run(intake: Intake, root: Path, name: str, *, stopping: Callable[[], bool]) -> Iterator[Step]:
    """Take what has not been taken yet, in the backfill of this name; raises StoreError, and nothing is lost by it."""
    with intake.database.reading() as connection:
        places = dict(backfills.places(connection, name))
    for member in members(root):
        taken, finished = places.get(member.digest, (0, False))
        if not finished:
            yield from _member(intake, member, name, taken, stopping)
        if stopping():
            return
        yield Step(size=member.size)


def _member(intake: Intake, member: Member, name: str, taken: int, stopping: Callable[[], bool]) -> Iterator[Step]:
    pieces = _pieces(intake, member, taken)
    number, more = taken, True
    while more and _may(intake, name, stopping):
        some = list(islice(pieces, _TOGETHER))
        more = len(some) == _TOGETHER
        judged = [_judged(intake, piece, f"{name}/{member.name}#{number + count}")
                  for count, piece in enumerate(some, start=1)]
        number += len(some)
        kept = [one for one in judged if one is not None]
        with intake.database.writing() as connection:
            intake.keep(connection, kept)
            backfills.place(connection, name, member.digest, messages=number, finished=not more)
        yield Step(taken=len(kept), passed=len(some) - len(kept))


def _pieces(intake: Intake, member: Member, skip: int) -> Iterator[Piece | None]:
    """The messages of a member behind those that were taken; None in the place of what could not be read."""
    try:
        with member.opened() as stream:
            yield from islice(messages(stream, limit=intake.settings.max_message_bytes, lines=member.lines), skip, None)
    except UnreadableMessage:
        yield None


def _judged(intake: Intake, piece: Piece | None, origin: str) -> Judged | None:
    """What is kept of a piece; None where it is no report and no one would look for it."""
    if piece is None:
        new = New(payload=b"", channel="file", node=node_of(intake.settings), state=State.REJECTED,
                  issues=(Issue.at("NET-605"),), origin=origin)
        return Judged(new=new, owed=Owed())
    judged = intake.judge(piece.payload, channel="file", whole=piece.whole)
    if not judged.answerable or {one.code for one in judged.new.issues} & set(_NO_REPORT):
        return None
    new = replace(judged.new, origin=origin, answer_code="", answer=b"", conflict_code="", conflict=b"", later_code="",
                  later=b"")
    return replace(judged, new=new, owed=Owed())


def _may(intake: Intake, name: str, stopping: Callable[[], bool]) -> bool:
    """Wait until few enough of its messages wait; False when stopped meanwhile."""
    while not stopping():
        with intake.database.reading() as connection:
            if backfills.unsettled(connection, name) <= AHEAD - _TOGETHER:
                return True
        time.sleep(_LOOK_SECONDS)
    return False
