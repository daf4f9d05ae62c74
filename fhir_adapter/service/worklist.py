"""What waits for a person: critical results nobody was told of, discrepancies, follow-ups that are due.

Each stays until someone settles it. Accepting or rejecting an insight also says whether the engine was right, which the
quality page counts; a rejection can be given back as a test case.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum

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
_SOON = timedelta(days=30)
_MOST = 200
_REASON = 500
_REJECTED = 20


class Decision(StrEnum):
    """What a person says of an insight: right, wrong, dealt with, or open again."""

    ACCEPTED = "accepted"
    REJECTED = "rejected"
    DONE = "done"
    REOPENED = "reopened"


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """One thing to do. `decision` is what was said of it last; `overdue` in days, negative where it is not due yet."""

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


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """Things to do of one sort; `more` where there are more than are shown."""

    name: str
    title: str
    explanation: str
    items: tuple[Item, ...]
    more: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Rejected:
    """An insight that someone rejected, and why."""

    type: str
    id: str
    kind: str
    message: str
    reason: str
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Worklist:
    """All that waits, the most urgent group first, and what was rejected lately."""

    groups: tuple[Group, ...]
    rejected: tuple[Rejected, ...]


def worklist(database: Database, *, now: datetime, limit: int = _MOST) -> Worklist:
    """What waits now."""
    today = now.astimezone(UTC).date()
    with database.reading() as connection:
        untold = facts.open_items(connection, [Kind.UNCOMMUNICATED_CRITICAL_RESULT], limit + 1)
        wrong = facts.open_items(connection, list(_DISCREPANCIES), limit + 1)
        due = facts.open_items(connection, [Kind.FOLLOWUP_RECOMMENDATION], limit + 1, due=True)
        rejected = facts.decisions(connection, Decision.REJECTED, _REJECTED)
    late = [row for row in due if row.due_until < today]
    soon = [row for row in due if today <= row.due_until <= today + _SOON]
    return Worklist(groups=(
        _group("untold", "Critical results nobody was told of", "The report documents no communication.", untold,
               today, limit),
        _group("overdue", "Follow-ups overdue", "The day until which they were recommended is over.", late, today,
               limit),
        _group("discrepancies", "Discrepancies", "The report and its order, or the report and itself, disagree.",
               wrong, today, limit),
        _group("due", "Follow-ups due within 30 days", "Recommended by a report.", soon, today, limit)),
        rejected=tuple(Rejected(type=row.type, id=row.id, kind=row.kind, message=row.message, reason=row.reason,
                                at=row.at) for row in rejected))


def _group(name: str, title: str, explanation: str, rows: Sequence[AnyRow], today: date,
           limit: int) -> Group:
    return Group(name=name, title=title, explanation=explanation, more=len(rows) > limit,
                 items=tuple(_item(row, today) for row in rows[:limit]))


def _item(row: AnyRow, today: date) -> Item:
    urgency = Urgency(row.urgency).name.lower() if row.urgency else ""
    return Item(type=row.type, id=row.id, kind=row.kind, statement=row.statement, urgency=urgency, rule=row.rule,
                message=row.message, patient=row.patient, title=row.title, modality=row.modality,
                received=row.received, due=row.due_until,
                overdue=(today - row.due_until).days if row.due_until else None, decision=row.decision or "")


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
