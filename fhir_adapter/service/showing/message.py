"""One stored message as a person sees it: what it holds, what it became, what is wrong, and when all that was."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from fhir_adapter import deid, pipeline, readers
from fhir_adapter.errors import AdapterError
from fhir_adapter.issues import Issue, Severity
from fhir_adapter.model.report import Paragraph
from fhir_adapter.service.adapter import Adapter
from fhir_adapter.service.intake import Intake
from fhir_adapter.service.messages import look
from fhir_adapter.service.results import stored
from fhir_adapter.service.showing.fields import ShownSegment, fields
from fhir_adapter.service.showing.report import ShownReport, shown
from fhir_adapter.service.showing.tree import Node, tree
from fhir_adapter.settings import Settings
from fhir_adapter.store import facts, reports, search
from fhir_adapter.store.schema import AnyRow
from fhir_adapter.store.states import Acknowledgement, State
from fhir_adapter.tables import Tables
from fhir_adapter.wire import charsets, er7, frames


@dataclass(frozen=True, slots=True, kw_only=True)
class Content:
    """The message itself. `hidden` says that who it is about is not shown; `why_not` why nothing can be shown."""

    format: str
    hidden: bool
    why_not: str = ""
    segments: tuple[ShownSegment, ...] = ()
    tree: tuple[Node, ...] = ()
    text: str = ""
    """As it could be edited; only where nothing is hidden."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """One issue with its rule and mend."""

    code: str
    severity: Severity
    where: str
    rule: str
    mend: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One step of the journey: when, what, and how long after the step before."""

    at: datetime
    what: str
    detail: str
    after_seconds: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Decided:
    """What someone said of an insight: accepted, rejected, done, or reopened, and why."""

    decision: str
    reason: str
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Version:
    """A version of a report and the message that brought it."""

    message: str
    received: datetime
    status: str
    current: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportOf:
    """A report of this message as it is now; `current` is False where a newer message replaced what this one said."""

    current: bool
    report: ShownReport | None
    versions: tuple[Version, ...]
    hidden: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownMessage:
    """Everything about one message."""

    id: str
    received: datetime
    channel: str
    sender: str
    control_id: str
    kind: str
    modality: str
    state: State
    state_sentence: str
    code: str
    acknowledgement: Acknowledgement
    acknowledgement_sentence: str
    answers: str
    attempts: int
    edited_from: str
    replaced_by: str
    issues: tuple[Told, ...]
    content: Content
    reports: tuple[ReportOf, ...]
    journey: tuple[Step, ...]
    patient: str
    """The id of the pseudonymous Patient, empty where no current report is about one."""
    decisions: Mapping[str, Decided]
    """What people said last of an insight, by `Flag/…`."""


def message(intake: Intake, adapter: Adapter, name: str, *, actor: str, hidden: bool = True) -> ShownMessage:
    """One message; NotThere where there is none. The look is noted. With `hidden`, nothing tells who it is about."""
    row = look(intake, name, actor=actor)
    with intake.database.reading() as connection:
        issues = tuple(told(Issue(code=one.code, where=one.place, severity=Severity(one.severity)))
                       for one in search.issues_of(connection, row.seq))
        brought = reports.of_message(connection, row.seq)
        resources = {one.report: reports.resources(connection, one.report) for one in brought}
        versions = {one.report: reports.versions(connection, one.report) for one in brought}
        known = [facts.report(connection, one.report) for one in brought]
        decisions = facts.decided(connection, [one.report for one in brought])
    paragraphs = _paragraphs(row.payload, adapter.settings, adapter.tables) if row.payload else {}
    unused = tuple(place for one in paragraphs.values() for place in one[1])
    shown_reports = []
    for one in brought:
        view = shown([(stored(each).resource, each.version) for each in resources[one.report]])
        if view is not None and view.text in paragraphs:
            view = shown([(stored(each).resource, each.version) for each in resources[one.report]],
                         paragraphs=paragraphs[view.text][0])
        secret = hidden and adapter.settings.mode == "trusted"
        shown_reports.append(ReportOf(
            current=one.current, report=None if secret else view, hidden=secret,
            versions=tuple(Version(message=v.id, received=v.received, status=v.status, current=v.current)
                           for v in versions[one.report])))
    state, acknowledgement = State(row.state), Acknowledgement(row.acknowledgement)
    return ShownMessage(
        id=row.id, received=row.received, channel=row.channel, sender=row.sender, control_id=row.control_id,
        kind=row.kind, modality=row.modality, state=state, state_sentence=state.sentence, code=row.code,
        acknowledgement=acknowledgement, acknowledgement_sentence=acknowledgement.sentence,
        answers=" ".join(filter(None, (row.answer_code, row.later_code))), attempts=row.attempts,
        edited_from=row.edited_from or "", replaced_by=row.replaced_by or "", issues=issues,
        content=content(row.payload, settings=adapter.settings, tables=adapter.tables, unused=unused,
                        wrong=[(one.where, one.code) for one in issues if one.where], hidden=hidden),
        reports=tuple(shown_reports), journey=tuple(_journey(row, shown_reports)),
        patient=next((fact.patient for fact in known if fact is not None), ""),
        decisions={f"{one.type}/{one.id}": Decided(decision=one.decision, reason=one.reason, at=one.at)
                   for one in decisions})


def content(payload: bytes | None, *, settings: Settings, tables: Tables, unused: Sequence[str],
            wrong: Sequence[tuple[str, str]], hidden: bool) -> Content:
    """The fields or the tree of a message; where it is hidden, of what the de-identification leaves of it."""
    if payload is None:
        gone = Issue.at("NET-626")
        return Content(format="", hidden=hidden, why_not=f"{gone.rule} {gone.mend}")
    shown_bytes, covered = (_without_person(payload, settings, tables), True) if hidden else (payload, False)
    covered = covered and shown_bytes is None
    try:
        text, codec, _ = charsets.decode(frames.strip(shown_bytes or payload))
    except AdapterError:
        return Content(format="", hidden=hidden, why_not="The bytes are no text; they are kept as they came.")
    editable = "" if hidden else text.replace("\r\n", "\n").replace("\r", "\n")
    try:
        if text.lstrip("\ufeff \t\r\n").startswith(("{", "[")):
            if covered:
                return Content(format="fhir", hidden=hidden, why_not="It could not be de-identified to be shown.")
            return Content(format="fhir", hidden=hidden, tree=tree(json.loads(text), wrong=wrong), text=editable)
        parsed = er7.parse(text, codec)
    except (AdapterError, ValueError, RecursionError):
        why = "It can be read as no message." + (" Show who it is about to see the text." if hidden else "")
        return Content(format="", hidden=hidden, why_not=why, text=editable)
    return Content(format="hl7v2", hidden=hidden, text=editable, segments=fields(
        parsed, names=tables.messages.field_names, unused=unused, wrong=wrong, hidden=covered))


def _without_person(payload: bytes, settings: Settings, tables: Tables) -> bytes | None:
    """The message as the de-identification leaves it; None where it cannot be read for that."""
    try:
        return pipeline.scrub(payload, tables=tables,
                              settings=settings.model_copy(update={"mode": "limited", "vault": False}))
    except (AdapterError, ValueError):
        return None


def _paragraphs(payload: bytes, settings: Settings,
                tables: Tables) -> dict[str, tuple[tuple[Paragraph, ...], tuple[str, ...]]]:
    """By the text that reading the message now gives: where its stretches stood, and what no one read."""
    out = {}
    try:
        for report in readers.choose(payload).read(payload, settings=settings, tables=tables):
            safe = deid.scrub(report, settings=settings, tables=tables)
            out[str(safe.text)] = (safe.paragraphs, report.unused)
    except AdapterError:
        return out
    return out


def told(issue: Issue) -> Told:
    """An issue with its rule and mend."""
    return Told(code=issue.code, severity=issue.severity, where=issue.where, rule=issue.rule, mend=issue.mend)


def _journey(row: AnyRow, brought: Sequence[ReportOf]) -> Iterator[Step]:
    yield Step(at=row.received, what="received", detail=f"by {row.channel} on {row.node}; on disk", after_seconds=None)
    if row.answer_code:
        yield Step(at=row.received, what="answered", detail=f"{row.answer_code}, {row.acknowledgement}",
                   after_seconds=0)
    if row.settled:
        seconds = (row.settled - row.received).total_seconds()
        tried = f", {row.attempts} attempts" if row.attempts > 1 else ""
        yield Step(at=row.settled, what=str(row.state), detail=f"{row.code} {row.place}".strip() + tried,
                   after_seconds=seconds)
        for one in brought:
            if one.report is not None:
                yield Step(at=row.settled, what=f"{one.report.status} report", after_seconds=None, detail=(
                    f"{len(one.report.insights)} insights" if one.current else "a newer version is shown"))
    if row.due:
        yield Step(at=row.due, what="next try", detail=f"after {row.attempts} attempts", after_seconds=None)
