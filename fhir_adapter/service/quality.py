"""
How the department and the engine do, over weeks, for a team that looks at it together.

Rates are of reports received in the time chosen. An interval is Wilson's at 95 % (Wilson 1927). Drift is the population
stability index of the kinds of insight, the last four weeks against the weeks before (below 0.1 none, above 0.25 much;
Siddiqi 2006).
"""

import math
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from fhir_adapter.model.insight import Compliance, Kind
from fhir_adapter.store import facts
from fhir_adapter.store.database import Database
from fhir_adapter.store.schema import AnyRow

RECENT = timedelta(weeks=4)
DRIFT_SOME, DRIFT_MUCH = 0.1, 0.25
_MISMATCHES = {
    Kind.LATERALITY_DISCREPANCY: "reports whose side is wrong, missing or contradicts itself",
    Kind.SEX_MISMATCH: "reports that speak of the other sex", Kind.AGE_MISMATCH: "reports that tell another age",
    Kind.PROCEDURE_DISCREPANCY: "reports of another examination than was ordered",
    Kind.MEASUREMENT_DISCREPANCY: "reports whose sizes disagree"}
_SPLITS = ("modality", "sender", "reader")
_TIMES = {"turnaround": "examination to report", "communicated": "examination to communication"}
_MOST = 12
_Z = 1.959964
_FEW = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Rate:
    """So many of so many, as a share with its 95 % interval; None of none."""

    name: str
    number: int
    of: int
    share: float | None
    low: float | None
    high: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Week:
    """One week: its Monday, the reports and what they brought, and minutes from examination to report (the middle)."""

    monday: str
    reports: int
    critical: int
    follow_ups: int
    mismatches: int
    insights: int
    turnaround: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Measure:
    """How reports do by one quality measure."""

    name: str
    met: int
    not_met: int
    excepted: int
    rate: Rate


@dataclass(frozen=True, slots=True, kw_only=True)
class Split:
    """Insights per 100 reports of one modality, sender or reader."""

    by: str
    name: str
    reports: int
    per_hundred: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Drift:
    """The population stability index of the last weeks against those before; None where there are too few."""

    index: float | None
    verdict: str
    shares: tuple[tuple[str, float, float], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Minutes:
    """The middle and the 90th percentile of a time in minutes, and of how many."""

    name: str
    number: int
    middle: float | None
    ninety: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Quality:
    """What the page shows; `filters` are the modality, sender and reader chosen, `choices` those that there are."""

    since: datetime
    until: datetime
    filters: Mapping[str, str]
    choices: Mapping[str, Sequence[str]]
    reports: int
    weeks: tuple[Week, ...]
    rates: tuple[Rate, ...]
    times: tuple[Minutes, ...]
    measures: tuple[Measure, ...]
    splits: tuple[Split, ...]
    drift: Drift
    agreement: tuple[Rate, ...]


def quality(database: Database, *, now: datetime, weeks: int, filters: Mapping[str, str]) -> Quality:
    """Count once; `filters` may hold `modality`, `sender` and `reader`."""
    until = now.astimezone(UTC)
    since = until - timedelta(weeks=weeks)
    with database.reading() as connection:
        every = facts.grouped(connection, since, until)
        times = {column: facts.minutes(connection, column, since, until, filters) for column in _TIMES}
        measured = facts.measured(connection, since, until, filters)
        judged = facts.judged(connection, since, until)
    rows = [row for row in every if all(getattr(row, name) == value for name, value in filters.items() if value)]
    choices = {column: sorted({value for row in every if (value := getattr(row, column))}) for column in _SPLITS}
    return Quality(
        since=since, until=until, filters=dict(filters), choices=choices, reports=sum(row.reports for row in rows),
        weeks=tuple(_weeks(rows, times["turnaround"])), rates=tuple(_rates(rows)),
        times=tuple(_minutes(_TIMES[column], some) for column, some in times.items()),
        measures=tuple(_measures(measured)), splits=tuple(_splits(rows)),
        drift=_drift(rows, (until - RECENT).date().isoformat()), agreement=tuple(_agreement(judged)))


def rate(name: str, number: int, of: int) -> Rate:
    """A share with Wilson's interval."""
    if of == 0:
        return Rate(name=name, number=number, of=of, share=None, low=None, high=None)
    share, z = number / of, _Z
    middle = (share + z * z / (2 * of)) / (1 + z * z / of)
    half = z * math.sqrt(share * (1 - share) / of + z * z / (4 * of * of)) / (1 + z * z / of)
    return Rate(name=name, number=number, of=of, share=share, low=max(0.0, middle - half), high=min(1.0, middle + half))


def stability(before: Mapping[str, int], after: Mapping[str, int]) -> float:
    """The population stability index of two distributions; half a case is added to each kind, so that none is empty."""
    names = before.keys() | after.keys()
    old, new = (sum(some.values()) + 0.5 * len(names) for some in (before, after))
    shares = [((before.get(name, 0) + 0.5) / old, (after.get(name, 0) + 0.5) / new) for name in names]
    return sum((b - a) * math.log(b / a) for a, b in shares)


def _of(rows: Iterable[AnyRow], kind: Kind) -> int:
    return sum(getattr(row, kind.name.lower()) for row in rows)


def _weeks(rows: Sequence[AnyRow], minutes: Sequence[AnyRow]) -> Iterable[Week]:
    by_week: dict[str, list[AnyRow]] = defaultdict(list)
    for row in rows:
        by_week[row.week].append(row)
    taken: dict[str, list[AnyRow]] = defaultdict(list)
    for row in minutes:
        taken[row.week].append(row)
    for monday, some in sorted(by_week.items()):
        yield Week(monday=monday, reports=sum(row.reports for row in some), critical=_of(some, Kind.CRITICAL_RESULT),
                   follow_ups=_of(some, Kind.FOLLOWUP_RECOMMENDATION),
                   mismatches=sum(_of(some, kind) for kind in _MISMATCHES),
                   insights=sum(_of(some, kind) for kind in Kind), turnaround=quantile(taken[monday], 0.5))


def _rates(rows: Sequence[AnyRow]) -> Iterable[Rate]:
    reports, follow_ups = sum(row.reports for row in rows), _of(rows, Kind.FOLLOWUP_RECOMMENDATION)
    yield rate("reports with a documented communication", sum(row.told for row in rows), reports)
    yield rate("reports with a critical result nobody was told of",
               min(_of(rows, Kind.UNCOMMUNICATED_CRITICAL_RESULT), reports), reports)
    yield rate("recommendations that say what, where and when",
               max(0, follow_ups - _of(rows, Kind.VAGUE_RECOMMENDATION)), follow_ups)
    for kind, name in _MISMATCHES.items():
        yield rate(name, min(_of(rows, kind), reports), reports)


def quantile(counted: Iterable[AnyRow], share: float) -> float | None:
    """The least number of minutes within which a share of the reports is done; None of none."""
    some = sorted((row.minutes, row.number) for row in counted)
    wanted, seen = share * sum(number for _, number in some), 0
    for minutes, number in some:
        seen += number
        if seen >= wanted:
            return float(minutes)
    return None


def _minutes(name: str, counted: Sequence[AnyRow]) -> Minutes:
    return Minutes(name=name, number=sum(row.number for row in counted), middle=quantile(counted, 0.5),
                   ninety=quantile(counted, 0.9))


def _splits(rows: Sequence[AnyRow]) -> Iterable[Split]:
    for column in _SPLITS:
        groups: dict[str, list[AnyRow]] = defaultdict(list)
        for row in rows:
            groups[getattr(row, column)].append(row)
        sized = sorted(((sum(row.reports for row in some), name, some) for name, some in groups.items()), reverse=True,
                       key=lambda one: one[:2])
        for reports, name, some in sized[:_MOST]:
            insights = sum(_of(some, kind) for kind in Kind)
            yield Split(by=column, name=name or "not told", reports=reports,
                        per_hundred=round(100 * insights / reports, 1))


def _measures(counted: Sequence[AnyRow]) -> Iterable[Measure]:
    found: dict[str, Counter[str]] = defaultdict(Counter)
    for row in counted:
        found[row.about][row.value] += row.number
    for name, some in sorted(found.items()):
        met, not_met = some[Compliance.PERFORMANCE_MET], some[Compliance.PERFORMANCE_NOT_MET]
        yield Measure(name=name, met=met, not_met=not_met, excepted=some[Compliance.DENOMINATOR_EXCEPTION],
                      rate=rate(name, met, met + not_met))


def _drift(rows: Sequence[AnyRow], monday: str) -> Drift:
    before, after = (Counter({kind.value: _of(some, kind) for kind in Kind})
                     for some in ([row for row in rows if row.week < monday],
                                  [row for row in rows if row.week >= monday]))
    if before.total() < _FEW or after.total() < _FEW:
        return Drift(index=None, verdict="too early to say", shares=())
    index = stability(before, after)
    verdict = "much" if index > DRIFT_MUCH else "some" if index > DRIFT_SOME else "none"
    return Drift(index=index, verdict=verdict, shares=tuple(
        (kind, before[kind] / before.total(), after[kind] / after.total())
        for kind in sorted(before.keys() | after.keys()) if before[kind] or after[kind]))


def _agreement(judged: Sequence[AnyRow]) -> Iterable[Rate]:
    """The share of judged insights that people accepted: of each kind, and of each modality."""
    for column in ("kind", "modality"):
        total, right = Counter[str](), Counter[str]()
        for row in judged:
            name = getattr(row, column) or "not told"
            total[name] += row.number
            right[name] += row.number if row.decision == "accepted" else 0
        for name, of in sorted(total.items()):
            yield rate(f"{column}: {name}", right[name], of)
