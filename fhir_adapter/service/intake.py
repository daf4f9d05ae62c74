"""
Take messages in: judge them, keep them, and only then say so.

What every entrance shares. `judged` reads a message as far as a sender can be told at once whether it is one for us;
`Intake.take` writes any number of them in one transaction. A positive answer exists only after that transaction is on
disk. Reading, understanding and judging the report itself comes later (`service.worker`).
"""

import re
import socket
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from uuid import uuid4

from fhir_adapter import readers
from fhir_adapter.deid.keys import keys_of
from fhir_adapter.emitters.acknowledgement import acknowledge, code_of
from fhir_adapter.errors import EngineError, MessageError, NonconformantMessage, StoreError, TooLargeMessage
from fhir_adapter.issues import Issue
from fhir_adapter.model.report import Report
from fhir_adapter.service.indexing import complete
from fhir_adapter.settings import Settings
from fhir_adapter.store import messages, migrate
from fhir_adapter.store.database import Connection, Database, connect
from fhir_adapter.store.messages import CONFLICT, Kept, New
from fhir_adapter.store.states import Acknowledgement, State
from fhir_adapter.tables import Tables
from fhir_adapter.wire import charsets, frames
from fhir_adapter.wire.er7 import Message, parse
from fhir_adapter.wire.modes import Owed, is_acknowledgement, owed


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """A message that was looked at: what would be kept, and what its sender asked for.

    `answerable` is False for an acknowledgement, which is neither kept nor answered.
    """

    new: New
    owed: Owed
    answerable: bool = True
    deferred: bool = False
    """Whether the application acknowledgement waits until the report is processed."""


def judged(payload: bytes, *, channel: str, settings: Settings, tables: Tables, whole: bool = True) -> Judged:
    """Look at one message; never raises for what a sender can do wrong. `whole=False`: only the head is here."""
    head = head_of(payload)
    if head is not None and is_acknowledgement(head):
        return Judged(new=New(payload=payload, channel=channel, node=""), owed=Owed(), answerable=False)
    wanted = owed(head) if head is not None else Owed()
    new = New(payload=payload, channel=channel, node=node_of(settings), format="hl7v2" if head is not None else "")
    if head is not None:
        new = replace(new, sender=f"{head.header.value(3)}|{head.header.value(4)}", control_id=head.header.value(10),
                      kind="^".join(filter(None, (head.header.value(9, 1), head.header.value(9, 2)))))
    try:
        if not whole:
            raise TooLargeMessage(Issue.at("HL7-118"))
        reader = readers.choose(payload)
        reports = reader.read(payload, settings=settings, tables=tables)
    except MessageError as error:
        return _refused(new, wanted, error, State.REJECTED)
    except Exception:
        return _refused(new, wanted, EngineError(Issue.at("NET-604")), State.FAILED)
    return _taken(replace(new, format=reader.name), wanted, reports, settings)


def _taken(new: New, wanted: Owed, reports: tuple[Report, ...], settings: Settings) -> Judged:
    first = reports[0] if reports else None
    warnings = () if new.control_id or new.format != "hl7v2" else (Issue.at("NET-622", "MSH-10"),)
    new = replace(new, modality=first.order.modality if first else "", issues=warnings,
                  lane=keys_of(settings).pseudonym("lane", first.patient.key) if first and first.patient.key else "")
    if new.format != "hl7v2":
        return Judged(new=new, owed=wanted)
    if wanted.accepts(well=True):
        new = _answered(new, "CA", (), conflict="CE")
    elif wanted.applies(well=True):
        new = _answered(new, "AA", (), conflict="AE")
    else:
        trouble = "CE" if wanted.accepts(well=False) else "AE" if wanted.applies(well=False) else ""
        new = _answered(new, "", (), conflict=trouble)
    later = bool(wanted.accept) and wanted.accept != "NE" and (wanted.applies(well=True) or wanted.applies(well=False))
    return Judged(new=new, owed=wanted, deferred=later)


def _refused(new: New, wanted: Owed, error: MessageError | EngineError, state: State) -> Judged:
    """
    What is kept and answered when a message cannot be taken.

    Original mode gets AE or AR. In enhanced mode what is not for us is not accepted (CR); what is for us but wrong is
    accepted and then answered AE where an application answer is wanted, else CE.
    """
    new = replace(new, state=state, issues=error.issues)
    code = code_of(error)
    if wanted.original:
        return Judged(new=_answered(new, code, error.issues, conflict="AE"), owed=wanted)
    if isinstance(error, NonconformantMessage | EngineError) and wanted.applies(well=False):
        if wanted.accepts(well=True):
            new = _answered(new, "CA", (), conflict="CE")
            return Judged(new=replace(new, later_code=code, later=_made(new, code, error.issues)), owed=wanted)
        return Judged(new=_answered(new, code, error.issues, conflict="AE"), owed=wanted)
    commit = "CE" if isinstance(error, NonconformantMessage | EngineError) else "CR"
    if wanted.accepts(well=False):
        return Judged(new=_answered(new, commit, error.issues, conflict="CE"), owed=wanted)
    if wanted.applies(well=False):
        return Judged(new=_answered(new, code, error.issues, conflict="AE"), owed=wanted)
    return Judged(new=new, owed=wanted)


def _answered(new: New, code: str, issues: tuple[Issue, ...], *, conflict: str) -> New:
    # An HTTP client gets its answer with the response; one that does not get it sends the message again.
    told = Acknowledgement.SENT if new.channel == "http" else Acknowledgement.PENDING
    return replace(new, answer_code=code, answer=_made(new, code, issues) if code else b"", conflict_code=conflict,
                   conflict=_made(new, conflict, (CONFLICT,)) if conflict else b"",
                   acknowledgement=told if code else Acknowledgement.NOT_OWED)


def _made(new: New, code: str, issues: tuple[Issue, ...]) -> bytes:
    return acknowledge(new.payload, issues, code=code, now=datetime.now(UTC).replace(microsecond=0),
                       control_id=uuid4().hex[:20])


def out_of_reach(item: Judged, error: StoreError) -> bytes:
    """The answer when nothing could be kept: AR, or CE in enhanced mode; empty where none is owed."""
    if item.owed.original or (item.owed.applies(well=False) and not item.owed.accepts(well=False)):
        return _made(item.new, "AR", error.issues)
    return _made(item.new, "CE", error.issues) if item.owed.accepts(well=False) else b""


def node_of(settings: Settings) -> str:
    """The name of this machine in the store."""
    return settings.node or socket.gethostname()


def head_of(payload: bytes) -> Message | None:
    """The message with its MSH only; None where there is none that can be read."""
    bare = frames.strip(payload)
    if not bare.startswith(b"MSH"):
        try:
            text, codec, _ = charsets.decode(bare)
        except MessageError:
            return None
    else:
        codec, text = "latin-1", re.split(rb"[\r\n]", bare, maxsplit=1)[0].decode("latin-1")
    try:
        return parse(re.split(r"[\r\n]", text.lstrip("\ufeff \t\r\n"), maxsplit=1)[0], codec)
    except MessageError:
        return None


@dataclass(frozen=True, slots=True)
class Intake:
    """An open store that takes messages in."""

    settings: Settings
    tables: Tables = field(repr=False)
    database: Database

    def judge(self, payload: bytes, *, channel: str, whole: bool = True) -> Judged:
        """Look at one message; touches no database and never raises, whatever the bytes."""
        return judged(payload, channel=channel, settings=self.settings, tables=self.tables, whole=whole)

    def keep(self, connection: Connection, items: Sequence[Judged]) -> tuple[Kept, ...]:
        """Keep messages within the caller's transaction."""
        return messages.keep(connection, [item.new for item in items], now=datetime.now(UTC),
                             window=timedelta(days=self.settings.duplicate_days))

    def take(self, items: Sequence[Judged]) -> tuple[Kept, ...]:
        """Keep messages in one transaction; when this returns they are on disk. Raises StoreError: nothing was kept."""
        with self.database.writing(hurry=True) as connection:
            return self.keep(connection, items)


def open_intake(settings: Settings, tables: Tables) -> Intake:
    """Open the store, bring it to this version's schema, and take messages in."""
    database = connect(settings)
    migrate.upgrade(database)
    complete(database, tables.results.elements)
    return Intake(settings, tables, database)
