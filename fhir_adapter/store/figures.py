"""Facts counted, for statistics: whole weeks from a Monday on, each index read once."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import BigInteger, Connection, and_, case, cast, func, literal, null, select, union_all

from fhir_adapter.model.insight import Kind
from fhir_adapter.store.schema import AnyRow, decision, insight_fact, report_fact

SPLITS = ("modality", "sender", "reader")
"""What reports are told apart by."""
_FOLLOW_UP = Kind.FOLLOWUP_RECOMMENDATION.value
_KINDS = tuple(kind.name.lower() for kind in Kind)


def grouped(connection: Connection, since: datetime, filters: Mapping[str, str]) -> Sequence[AnyRow]:
    """
    How many of the chosen reports, communications and insights of each kind there are: a row for each week, modality,
    sender and reader (`part` and `name`); and a row `choice modality`, …, for each that there is to choose from.
    """
    c = report_fact.c
    by = [c.week, *(c[name] for name in SPLITS)]
    every = select(*by, func.count().label("reports"), func.count(c.communicated).label("told"),
                   *(func.sum(c[kind]).label(kind) for kind in _KINDS)).where(
        c.week >= _monday(since)).group_by(*by).cte()
    e = every.c
    sums = [cast(func.sum(e[name]), BigInteger).label(name) for name in ("reports", "told", *_KINDS)]
    chosen = [e[name] == value for name, value in filters.items() if value]
    parts = [select(literal(name).label("part"), e[name].label("name"), *sums).where(*chosen).group_by(e[name])
             for name in ("week", *SPLITS)]
    choices = [select(literal(f"choice {name}"), e[name], *(null() for _ in sums)).group_by(e[name])
               for name in SPLITS]
    return connection.execute(union_all(*parts, *choices)).all()


def minutes(connection: Connection, column: str, since: datetime, filters: Mapping[str, str]) -> Sequence[AnyRow]:
    """How many reports of each week took each number of minutes, by a column that holds minutes."""
    c = report_fact.c
    return connection.execute(select(c.week, c[column].label("minutes"), func.count().label("number"))
                              .where(*_chosen(since, filters), c[column].is_not(None))
                              .group_by(c.week, c[column])).all()


def measured(connection: Connection, since: datetime, filters: Mapping[str, str]) -> Sequence[AnyRow]:
    """How many reports came to each result of each quality measure."""
    i, r = insight_fact.c, report_fact.c
    asked = select(i.about, i.value, func.count().label("number")).where(
        i.kind == Kind.QUALITY_MEASURE, i.received >= since).group_by(i.about, i.value)
    if any(filters.values()):  # else one index tells it all
        asked = asked.join(report_fact, r.report == i.report).where(*_chosen(since, filters))
    return connection.execute(asked).all()


def followed(connection: Connection, since: datetime, today: date,
             filters: Mapping[str, str]) -> Sequence[AnyRow]:
    """
    How many follow-ups were recommended, by whether they name a modality and a time, and by what became of them:
    `in time`, `late`, `overdue`, `not due`; `done` are those of the last two of which someone said so.
    """
    i, d = insight_fact.c, decision.c
    what, when = (i.wanted != "").label("what"), i.due_until.is_not(None).label("when")
    became = case((i.answered_on.is_(None), case((i.due_until < today, "overdue"), else_="not due")),
                  (i.answered_on > i.due_until, "late"), else_="in time").label("became")
    chosen = [i.kind == _FOLLOW_UP, i.received >= since]
    by_report: list[Any] = []
    if any(filters.values()):
        by_report = [i.report.in_(select(report_fact.c.report).where(*_chosen(since, filters)))]
    every = select(what, when, became, literal(0).label("done")).where(*chosen, *by_report)
    said = select(d.type, d.id).where(d.kind == _FOLLOW_UP, d.decision == "done").distinct().subquery()
    done = select(what, when, became, literal(1).label("done")).select_from(said).join(
        insight_fact, and_(i.type == said.c.type, i.id == said.c.id)).where(
        *chosen, *by_report, i.answered_on.is_(None))
    one = union_all(every, done).subquery().c  # grouped outside, because PostgreSQL takes each parameter for another
    return connection.execute(select(one.what, one.when, one.became, one.done, func.count().label("number"))
                              .group_by(one.what, one.when, one.became, one.done)).all()


def judged(connection: Connection, since: datetime, filters: Mapping[str, str]) -> Sequence[AnyRow]:
    """The last judgement of each insight that someone accepted or rejected since, by what it is counted by."""
    c, r = decision.c, report_fact.c
    newest = select(func.max(c.key)).where(c.at >= since, c.decision.in_(("accepted", "rejected"))).group_by(
        c.type, c.id)
    by = (c.kind, c.rule, c.modality, r.sender, r.reader, c.decision)
    return connection.execute(
        select(*by, func.count().label("number")).join(report_fact, r.report == c.report, isouter=True)
        .where(c.key.in_(newest), *(r[name] == value for name, value in filters.items() if value)).group_by(*by)).all()


def _chosen(since: datetime, filters: Mapping[str, str]) -> list[Any]:
    c = report_fact.c
    return [c.week >= _monday(since), *(c[name] == value for name, value in filters.items() if value)]


def _monday(since: datetime) -> str:
    return since.date().isoformat()
