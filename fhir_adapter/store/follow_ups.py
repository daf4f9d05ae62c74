"""
Which later examination answers a recommended follow-up: the first of the same patient that the recommendation can have
meant, by its modality and by how soon it came. It is noted when a report is written down, so that nothing has to be
searched for when someone asks.
"""

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, select, update

from fhir_adapter.model.insight import Kind
from fhir_adapter.store.schema import insight_fact, report_fact

_ALIKE = {"DX": ("DX", "CR"), "CR": ("DX", "CR")}
"""Modalities that stand for one another when a follow-up is asked for: plain films."""
_FOLLOW_UP = Kind.FOLLOWUP_RECOMMENDATION.value


Examination = tuple[date, str, str]
"""Its day, its report, its modality."""


def later(connection: Connection, report: str, values: Mapping[str, Any]) -> list[Examination]:
    """
    The patient's other examinations, the earliest first, after having noted what answers their follow-ups now that
    this one is as `values` say.
    """
    if not values["patient"]:
        return []
    i, r = insight_fact.c, report_fact.c
    others = sorted((_day(one.examined, one.received), one.report, one.modality) for one in connection.execute(
        select(r.report, r.modality, r.examined, r.received).where(
            r.patient == values["patient"], r.report != report)))
    if not others:
        return []
    every = sorted([*others, (_day(values["examined"], values["received"]), report, values["modality"])])
    asked = connection.execute(select(insight_fact).where(
        i.report.in_([name for _, name, _ in others]), i.kind == _FOLLOW_UP)).all()
    for one in asked:
        now = answer(one._mapping, (exam for exam in every if exam[1] != one.report))
        if now["answered"] != one.answered or now["answered_on"] != one.answered_on:
            connection.execute(update(insight_fact).where(i.type == one.type, i.id == one.id).values(**now))
    return others


def answer(one: Mapping[Any, Any], after: Iterable[Examination]) -> dict[str, Any]:
    """The first examination that answers an insight of a report, as columns; empty where none does."""
    start = one["counts_from"] if one["kind"] == _FOLLOW_UP else None
    day, name = next(((day, name) for day, name, modality in after if start is not None and day >= start
                      and (not one["wanted"] or one["wanted"] in _alike(modality))), (None, ""))
    return {"answered": name, "answered_on": day}


def _alike(modality: str) -> tuple[str, ...]:
    return _ALIKE.get(modality, (modality,))


def _day(examined: datetime | None, received: datetime) -> date:
    return (examined or received).date()
