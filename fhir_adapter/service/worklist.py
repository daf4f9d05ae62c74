"""What waits for a person: critical results nobody was told of, discrepancies, follow-ups that are due.

Each stays until someone settles it. Accepting or rejecting an insight also says whether the engine was right, which the
quality page counts; a rejection can be given back as a test case.
"""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum
from functools import partial

import yaml

from fhir_adapter.errors import NonconformantMessage
from fhir_adapter.issues import Issue
from fhir_adapter.model.insight import Kind, Urgency
from fhir_adapter.service.messages import NotThere
from fhir_adapter.service.showing.report import shown
from fhir_adapter.store import facts, reports
from fhir_adapter.store.database import Database
from fhir_adapter.store.schema import AnyRow

_DISCREPANCIES = (Kind.LATERALITY_DISCREPANCY, Kind.SEX_MISMATCH, Kind.AGE_MISMATCH, Kind.PROCEDURE_DISCREPANCY,
                  Kind.MEASUREMENT_DISCREPANCY, Kind.COMPLETE_ORDER_DISCREPANCY, Kind.LIMITED_ORDER_DISCREPANCY,
                  Kind.VAGUE_RECOMMENDATION)
_GROUPS = {
    "untold": ("Critical results nobody was told of", "The report documents no communication."),
    "overdue": ("Follow-ups overdue", "The day until which they were recommended is over, and no later examination is "
                "known that may be it."),
    "discrepancies": ("Discrepancies", "The report and its order, or the report and itself, disagree."),
    "due": ("Follow-ups due within 30 days", "Recommended by a report."),
    "answered": ("Follow-ups that may be done", "A later examination of the patient may be the one that was "
                 "recommended. Look, and say so."),
}
_SOONEST = [*(one.name.lower() for one in (Urgency.EMERGENT, Urgency.URGENT, Urgency.NONCRITICAL, Urgency.NONE)), ""]
_SOON = timedelta(days=30)
_MOST = 200
_REASON = 500
_LATELY = 12


class Decision(StrEnum):
    """What a person says of an insight: right, wrong, dealt with, or open again."""

    ACCEPTED = "accepted"
    REJECTED = "rejected"
    DONE = "done"
    REOPENED = "reopened"


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """
    One thing to do. `decision` is what was said of it last; `overdue` in days, negative where it is not due yet.

    Of a follow-up that a later examination may have answered, `answer` is its message, and `answered` its day.
    """

    type: str
    id: str
    kind: str
    statement: str
    urgency: str
    rule: str
    message: str
    patient: str
    title: str
    modality: str
    received: datetime
    due: date | None
    overdue: int | None
    decision: str
    answer: str = ""
    answer_title: str = ""
    answered: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """Things to do of one sort; `more` where there are more than are given."""

    name: str
    title: str
    explanation: str
    items: tuple[Item, ...]
    more: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """What was decided of an insight last, and why; `statement` is empty where no current report has it any more."""

    type: str
    id: str
    kind: str
    statement: str
    message: str
    decision: str
    reason: str
    actor: str
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Worklist:
    """All that waits, the most urgent group first, and what was settled lately; `modality` and `group` if chosen."""

    modality: str
    modalities: tuple[str, ...]
    group: str
    groups: tuple[Group, ...]
    lately: tuple[Said, ...]


def worklist(database: Database, *, now: datetime, modality: str = "", group: str = "",
             limit: int = _MOST) -> Worklist:
    """What waits now, at most `limit` of each sort; of one modality and one group if asked for."""
    today = now.astimezone(UTC).date()
    follow_up = [Kind.FOLLOWUP_RECOMMENDATION]
    with database.reading() as connection:
        waits = partial(facts.open_items, connection, limit=limit + 1, modality=modality)
        asked: dict[str, Callable[[], Sequence[AnyRow]]] = {
            "untold": lambda: waits([Kind.UNCOMMUNICATED_CRITICAL_RESULT]),
            "overdue": lambda: waits(follow_up, due=(None, today), answered=False),
            "discrepancies": lambda: waits(list(_DISCREPANCIES)),
            "due": lambda: waits(follow_up, due=(today, today + _SOON), answered=False),
            "answered": lambda: waits(follow_up, answered=True)}
        chosen = group if group in asked else ""
        found = {name: rows() for name, rows in asked.items() if name == chosen or not chosen}
        lately = facts.decisions(connection, (Decision.REJECTED, Decision.DONE), _LATELY)
        modalities = facts.modalities(connection)
    return Worklist(
        modality=modality, modalities=modalities, group=chosen,
        groups=tuple(_group(name, *_GROUPS[name], rows=rows, today=today, limit=limit)
                     for name, rows in found.items()),
        lately=tuple(Said(type=row.type, id=row.id, kind=row.kind, statement=row.statement or "", message=row.message,
                          decision=row.decision, reason=row.reason, actor=row.actor, at=row.at) for row in lately))


def _group(name: str, title: str, explanation: str, *, rows: Sequence[AnyRow], today: date, limit: int) -> Group:
    items = [_item(row, today) for row in rows[:limit]]
    if name == "untold":  # who must know within minutes stands above who must know within days
        items.sort(key=lambda one: _SOONEST.index(one.urgency))
    return Group(name=name, title=title, explanation=explanation, more=len(rows) > limit, items=tuple(items))


def _item(row: AnyRow, today: date) -> Item:
    urgency = Urgency(row.urgency).name.lower() if row.urgency else ""
    return Item(type=row.type, id=row.id, kind=row.kind, statement=row.statement, urgency=urgency, rule=row.rule,
                message=row.message, patient=row.patient, title=row.title, modality=row.modality,
                received=row.received, due=row.due_until,
                overdue=(today - row.due_until).days if row.due_until else None, decision=row.decision or "",
                answer=row.answer or "", answer_title=row.answer_title or "", answered=row.answered_on)


def decide(database: Database, kind: str, name: str, decision: str, *, reason: str, actor: str,
           now: datetime) -> None:
    """
    Write a decision about an insight down; earlier ones stay in the store.

    Raises NotThere where no current report has such an insight, NonconformantMessage NET-608 for a word that is no
    decision and for a rejection without a reason.
    """
    reason = " ".join(reason.split())[:_REASON]
    if decision not in set(Decision) or (decision == Decision.REJECTED and not reason):
        raise NonconformantMessage(Issue.at("NET-608", "decision" if decision not in set(Decision) else "reason"))
    with database.writing() as connection:
        one = facts.insight(connection, kind, name)
        if one is None:
            raise NotThere
        report = facts.report(connection, one.report)
        facts.decide(connection, {
            "type": kind, "id": name, "report": one.report, "message": report.message if report else "",
            "kind": one.kind, "rule": one.rule, "modality": report.modality if report else "",
            "decision": decision, "reason": reason, "actor": actor, "at": now})


def case(database: Database, kind: str, name: str) -> str:
    """
    A rejected insight as a case for the tests: the de-identified text, what was said and that it should not be.

    The reason stays behind: someone typed it, and it may name a person.

    Raises NotThere where it is not rejected, or its report is gone.
    """
    with database.reading() as connection:
        said = facts.latest(connection, kind, name)
        rows = reports.resources(connection, said.report) if said is not None else ()
    view = shown([(json.loads(row.content), row.version) for row in rows])
    if said is None or said.decision != Decision.REJECTED or view is None:
        raise NotThere
    kept = [{"id": f"rejected-{name[:8]}", "kind": said.kind, "rule": said.rule, "text": view.text, "expect": []}]
    return yaml.safe_dump(kept, allow_unicode=True, sort_keys=False)
