"""
Which later examination answers a recommended follow-up: the first of the same patient that the recommendation can have
meant, by its modality and by how soon it came. It is noted when a report is written down, so that nothing has to be
searched for when someone asks.
"""

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, or_, select, update

from fhir_adapter.model.insight import Kind
from fhir_adapter.store.schema import insight_fact, report_fact

_ALIKE = {"DX": ("DX", "CR"), "CR": ("DX", "CR")}
"""Modalities that stand for one another when a follow-up is asked for: plain films."""
_FOLLOW_UP = Kind.FOLLOWUP_RECOMMENDATION.value


def later(connection: Connection, report: str, values: Mapping[str, Any]) -> list[tuple[date, str, str]]:
    """
    Day, report and modality of the patient's other examinations, the earliest first, after having noted this one as
    the answer of what it answers.
    """
    if not values["patient"]:
        return []
    i, r = insight_fact.c, report_fact.c
    others = connection.execute(select(r.report, r.modality, r.examined, r.received).where(
        r.patient == values["patient"], r.report != report)).all()
    if not others:
        return []
    day, asked = _day(values["examined"], values["received"]), _alike(values["modality"])
    theirs = [i.report.in_([one.report for one in others]), i.kind == _FOLLOW_UP]
    connection.execute(update(insight_fact).where(*theirs, i.answered == report).values(answered="", answered_on=None))
    connection.execute(update(insight_fact).where(
        *theirs, i.counts_from <= day, i.wanted.in_(("", *asked)), or_(i.answered == "", i.answered_on > day))
        .values(answered=report, answered_on=day))
    return sorted((_day(one.examined, one.received), one.report, one.modality) for one in others)


def answer(one: Mapping[str, Any], after: Iterable[tuple[date, str, str]]) -> dict[str, Any]:
    """The first examination that answers an insight of a report, as columns; empty where none does."""
    start = one["counts_from"] if one["kind"] == _FOLLOW_UP else None
    day, name = next(((day, name) for day, name, modality in after if start is not None and day >= start
                      and (not one["wanted"] or one["wanted"] in _alike(modality))), (None, ""))
    return {"answered": name, "answered_on": day}


def _alike(modality: str) -> tuple[str, ...]:
    return _ALIKE.get(modality, (modality,))


def _day(examined: datetime | None, received: datetime) -> date:
    return (examined or received).date()
