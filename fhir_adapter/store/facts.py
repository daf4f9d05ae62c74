"""Facts of current reports and their insights, and what people decided about insights."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any

from sqlalchemy import Connection, and_, delete, func, insert, select

from fhir_adapter.store import follow_ups
from fhir_adapter.store.bulk import insert_rows
from fhir_adapter.store.schema import AnyRow, decision, insight_fact, report_fact


def put(connection: Connection, report: str, values: Mapping[str, Any],
        insights: Iterable[Mapping[str, Any]], *, fresh: bool = False) -> None:
    """
    Write the facts of a report's current version in the place of those of the former; `fresh` where there is none.

    Follow-ups of the patient that this examination answers are noted as answered by it, and its own by the first later
    one that is known, so that it does not matter which comes first.
    """
    for table in () if fresh else (insight_fact, report_fact):
        connection.execute(delete(table).where(table.c.report == report))
    insert_rows(connection, report_fact, ("report", *values), [(report, *values.values())])
    later = follow_ups.later(connection, report, values)
    rows = [{"report": report, "received": values["received"], **one, **follow_ups.answer(one, later)}
            for one in insights]
    if rows:
        insert_rows(connection, insight_fact, tuple(rows[0]), [tuple(row.values()) for row in rows])


def latest(connection: Connection, type_: str, name: str) -> AnyRow | None:
    """The last decision about an insight."""
    c = decision.c
    return connection.execute(select(decision).where(c.type == type_, c.id == name).order_by(c.key.desc())
                              .limit(1)).one_or_none()


def decide(connection: Connection, values: Mapping[str, Any]) -> None:
    """Write a decision down; earlier ones stay."""
    connection.execute(insert(decision).values(**values))


def insight(connection: Connection, type_: str, name: str) -> AnyRow | None:
    """One insight of a current report."""
    c = insight_fact.c
    return connection.execute(select(insight_fact).where(c.type == type_, c.id == name)).one_or_none()


def report(connection: Connection, name: str) -> AnyRow | None:
    """The facts of one current report."""
    return connection.execute(select(report_fact).where(report_fact.c.report == name)).one_or_none()


def open_items(connection: Connection, kinds: Sequence[str], limit: int, *, due: tuple[date | None, date] | None = None,
               answered: bool | None = None, modality: str = "") -> Sequence[AnyRow]:
    """
    Insights of current reports that no one has settled, with their reports; the earliest due or the latest first.

    The last decision counts: `done` and `rejected` settle an insight, `accepted` and `reopened` leave it open. With
    `due`, those due from the one day (or ever) until before the other; with `answered`, follow-ups that a later
    examination answered, or that none did.
    """
    i, r, d = insight_fact.c, report_fact.c, decision.alias()
    later = report_fact.alias()
    # Both are about the insight of the outermost query, which SQLAlchemy does not see through two levels by itself.
    newest = select(func.max(decision.c.key)).where(
        decision.c.type == i.type, decision.c.id == i.id).correlate(insight_fact).scalar_subquery()
    last = select(d.c.decision).where(d.c.key == newest).correlate(insight_fact)
    settled = last.where(d.c.decision.in_(("done", "rejected"))).exists()
    accepted = last.scalar_subquery().label("decision")
    where = [i.kind.in_(kinds), ~settled]
    if due is not None:
        where += [i.due_until < due[1], *([i.due_until >= due[0]] if due[0] is not None else [])]
    if answered is not None:
        where.append(i.answered_on.is_not(None) if answered else i.answered_on.is_(None))
    if modality:
        where.append(r.modality == modality)
    order = i.answered_on.desc() if answered else i.due_until if due is not None else i.received.desc()
    return connection.execute(
        select(insight_fact, r.patient, r.title, r.modality, r.sender, r.examined, r.message, accepted,
               later.c.message.label("answer"), later.c.title.label("answer_title"))
        .join(report_fact, r.report == i.report).join(later, later.c.report == i.answered, isouter=True)
        .where(and_(*where)).order_by(order).limit(limit)).all()


def modalities(connection: Connection) -> tuple[str, ...]:
    """Those of which there are reports."""
    c = report_fact.c.modality
    return tuple(row[0] for row in connection.execute(select(c).distinct().where(c != "").order_by(c)))


def of_patient(connection: Connection, patient: str) -> Sequence[AnyRow]:
    """The reports of a patient, the oldest first."""
    c = report_fact.c
    return connection.execute(select(report_fact).where(c.patient == patient)
                              .order_by(func.coalesce(c.examined, c.received), c.report)).all()


def decisions(connection: Connection, which: Sequence[str], limit: int) -> Sequence[AnyRow]:
    """Insights of which one of these decisions is the last, the latest first, with their statements."""
    c, i, later = decision.c, insight_fact.c, decision.alias()
    newer = select(later.c.key).where(later.c.type == c.type, later.c.id == c.id, later.c.key > c.key).correlate(
        decision).exists()
    return connection.execute(
        select(decision, i.statement).join(insight_fact, and_(i.type == c.type, i.id == c.id), isouter=True)
        .where(c.decision.in_(which), ~newer).order_by(c.at.desc(), c.key.desc()).limit(limit)).all()


def decided(connection: Connection, reports: Sequence[str]) -> Sequence[AnyRow]:
    """The last decision about each insight of some reports."""
    c = decision.c
    newest = select(func.max(c.key)).where(c.report.in_(reports)).group_by(c.type, c.id)
    return connection.execute(select(decision).where(c.key.in_(newest))).all()
