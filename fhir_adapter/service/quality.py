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
from functools import partial

from fhir_adapter.model.insight import Compliance, Kind
from fhir_adapter.store import figures
from fhir_adapter.store.database import Database
from fhir_adapter.store.schema import AnyRow

RECENT = timedelta(weeks=4)
DRIFT_SOME, DRIFT_MUCH = 0.1, 0.25
_MISMATCHES = {
    Kind.LATERALITY_DISCREPANCY: "reports whose side is wrong, missing or contradicts itself",
    Kind.SEX_MISMATCH: "reports that speak of the other sex", Kind.AGE_MISMATCH: "reports that tell another age",
    Kind.PROCEDURE_DISCREPANCY: "reports of another examination than was ordered",
    Kind.MEASUREMENT_DISCREPANCY: "reports whose sizes disagree"}
_TIMES = {"turnaround": "examination to report", "communicated": "examination to communication"}
_SAYS = {(True, True): "what and when", (True, False): "what, but not when", (False, True): "when, but not what",
         (False, False): "neither what nor when"}
_MOST = 12
Counted = tuple[int, int]
"""Minutes, and how many reports took them."""
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
    """
    One week: its Monday, the reports and what they brought, minutes from examination to report (the middle and the 90th
    percentile) and to the communication of a critical result (the middle), and the drift of the four weeks to it.
    """

    monday: str
    reports: int
    critical: int
    told: int
    untold: int
    follow_ups: int
    mismatches: int
    insights: int
    per_hundred: float
    turnaround: float | None
    turnaround_ninety: float | None
    communicated: float | None
    drift: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class FollowedUp:
    """
    Recommended follow-ups that name what they do, and what became of them.

    A later examination came `in_time` or `late`, someone said that it is `done`, or none is known though it is due
    (`overdue`) or not due yet (`waiting`). `rate` is of those that came or are due; of all where no time is named.
    """

    says: str
    recommended: int
    in_time: int
    late: int
    done: int
    overdue: int
    waiting: int
    rate: Rate


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
class Share:
    """The share of all insights that one kind has, before and now."""

    kind: str
    before: float
    now: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Drift:
    """The population stability index of the last weeks against those before; None where there are too few."""

    index: float | None
    verdict: str
    shares: tuple[Share, ...]


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
    weeks_asked: int
    filters: Mapping[str, str]
    choices: Mapping[str, Sequence[str]]
    reports: int
    weeks: tuple[Week, ...]
    rates: tuple[Rate, ...]
    times: tuple[Minutes, ...]
    follow_ups: tuple[FollowedUp, ...]
    measures: tuple[Measure, ...]
    splits: tuple[Split, ...]
    drift: Drift
    agreement: tuple[Rate, ...]


def quality(database: Database, *, now: datetime, weeks: int, filters: Mapping[str, str]) -> Quality:
    """Count the reports of so many whole weeks; `filters` may hold `modality`, `sender` and `reader`."""
    until = now.astimezone(UTC)
    since = _monday(until) - timedelta(weeks=weeks - 1)
    # The longest first.
    counted, measured, followed, judged, *minutes = database.answers(
        lambda at: figures.grouped(at, since, filters), lambda at: figures.measured(at, since, filters),
        lambda at: figures.followed(at, since, until.date(), filters), lambda at: figures.judged(at, since, filters),
        *(partial(figures.minutes, column=column, since=since, filters=filters) for column in _TIMES))
    times = {column: _by_week(some) for column, some in zip(_TIMES, minutes, strict=True)}
    by: dict[str, list[AnyRow]] = defaultdict(list)
    for row in counted:
        by[row.part].append(row)
    rows = sorted(by["week"], key=lambda row: str(row.name))
    recent = (_monday(until) - RECENT).date().isoformat()
    return Quality(
        since=since, until=until, weeks_asked=weeks, filters=dict(filters),
        choices={column: sorted(row.name for row in by[f"choice {column}"] if row.name) for column in figures.SPLITS},
        reports=sum(row.reports for row in rows), weeks=tuple(_weeks(rows, times)), rates=tuple(_rates(rows)),
        times=tuple(_minutes(_TIMES[column], some) for column, some in times.items()),
        follow_ups=tuple(_followed(followed)), measures=tuple(_measures(measured)), splits=tuple(_splits(by)),
        drift=_drift(_kinds(row for row in rows if row.name <= recent),
                     _kinds(row for row in rows if row.name > recent)),
        agreement=tuple(_agreement(judged)))


def _monday(moment: datetime) -> datetime:
    return moment.replace(hour=0, minute=0, second=0, microsecond=0) - timedelta(days=moment.weekday())


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


def _kinds(rows: Iterable[AnyRow]) -> Counter[str]:
    """How many insights of each kind."""
    out = Counter[str]()
    for row in rows:
        for kind in Kind:
            out[kind.value] += getattr(row, kind.name.lower())
    return out


def _weeks(rows: Sequence[AnyRow], times: Mapping[str, Mapping[str, Sequence[Counted]]]) -> Iterable[Week]:
    kinds = [_kinds([row]) for row in rows]
    for place, row in enumerate(rows):
        first = max(0, place - 3)
        insights = kinds[place].total()
        drift = _compared(sum(kinds[:first], Counter()), sum(kinds[first:place + 1], Counter()))
        yield Week(
            monday=row.name, reports=row.reports, critical=_of([row], Kind.CRITICAL_RESULT), told=row.told,
            untold=_of([row], Kind.UNCOMMUNICATED_CRITICAL_RESULT),
            follow_ups=_of([row], Kind.FOLLOWUP_RECOMMENDATION),
            mismatches=sum(_of([row], kind) for kind in _MISMATCHES), insights=insights,
            per_hundred=round(100 * insights / row.reports, 1),
            turnaround=quantile(times["turnaround"].get(row.name, ()), 0.5),
            turnaround_ninety=quantile(times["turnaround"].get(row.name, ()), 0.9),
            communicated=quantile(times["communicated"].get(row.name, ()), 0.5), drift=drift)


def _followed(counted: Sequence[AnyRow]) -> Iterable[FollowedUp]:
    """By whether they name a modality and a time, those that name both first."""
    for (what, when), says in _SAYS.items():
        rows = [row for row in counted if (bool(row.what), bool(row.when)) == (what, when)]
        some, said = (Counter({row.became: row.number for row in rows if row.done == done}) for done in (0, 1))
        came = some["in time"] + some["late"] + said.total()
        overdue = some["overdue"] - said["overdue"]
        if some:
            yield FollowedUp(says=says, recommended=some.total(), in_time=some["in time"], late=some["late"],
                             done=said.total(), overdue=overdue, waiting=some["not due"] - said["not due"],
                             rate=rate(says, came, came + overdue if when else some.total()))


def _rates(rows: Sequence[AnyRow]) -> Iterable[Rate]:
    reports, follow_ups = sum(row.reports for row in rows), _of(rows, Kind.FOLLOWUP_RECOMMENDATION)
    yield rate("reports with a documented communication", sum(row.told for row in rows), reports)
    yield rate("reports with a critical result nobody was told of",
               min(_of(rows, Kind.UNCOMMUNICATED_CRITICAL_RESULT), reports), reports)
    yield rate("recommendations that say what, where and when",
               max(0, follow_ups - _of(rows, Kind.VAGUE_RECOMMENDATION)), follow_ups)
    for kind, name in _MISMATCHES.items():
        yield rate(name, min(_of(rows, kind), reports), reports)


def quantile(counted: Iterable[Counted], share: float) -> float | None:
    """The least number of minutes within which a share of the reports is done; None of none."""
    some = sorted(counted)
    wanted, seen = share * sum(number for _, number in some), 0
    for minutes, number in some:
        seen += number
        if seen >= wanted:
            return float(minutes)
    return None


def _by_week(counted: Sequence[AnyRow]) -> dict[str, list[Counted]]:
    out: dict[str, list[Counted]] = defaultdict(list)
    for week, minutes, number in counted:
        out[week].append((minutes, number))
    return out


def _minutes(name: str, weeks: Mapping[str, Sequence[Counted]]) -> Minutes:
    total = Counter[int]()
    for some in weeks.values():
        for minutes, number in some:
            total[minutes] += number
    return Minutes(name=name, number=total.total(), middle=quantile(total.items(), 0.5),
                   ninety=quantile(total.items(), 0.9))


def _splits(by: Mapping[str, Sequence[AnyRow]]) -> Iterable[Split]:
    for column in figures.SPLITS:
        for row in sorted(by[column], key=lambda row: (-row.reports, row.name))[:_MOST]:
            yield Split(by=column, name=row.name or "not told", reports=row.reports,
                        per_hundred=round(100 * _kinds([row]).total() / row.reports, 1))


def _measures(counted: Sequence[AnyRow]) -> Iterable[Measure]:
    found: dict[str, Counter[str]] = defaultdict(Counter)
    for row in counted:
        found[row.about][row.value] += row.number
    for name, some in sorted(found.items()):
        met, not_met = some[Compliance.PERFORMANCE_MET], some[Compliance.PERFORMANCE_NOT_MET]
        yield Measure(name=name, met=met, not_met=not_met, excepted=some[Compliance.DENOMINATOR_EXCEPTION],
                      rate=rate(name, met, met + not_met))


def _compared(before: Counter[str], after: Counter[str]) -> float | None:
    """The stability of the kinds of insight; None where there are too few."""
    return None if before.total() < _FEW or after.total() < _FEW else stability(before, after)


def _drift(before: Counter[str], after: Counter[str]) -> Drift:
    index = _compared(before, after)
    if index is None:
        return Drift(index=None, verdict="too early to say", shares=())
    verdict = "much" if index > DRIFT_MUCH else "some" if index > DRIFT_SOME else "none"
    return Drift(index=index, verdict=verdict, shares=tuple(
        Share(kind=kind, before=before[kind] / before.total(), now=after[kind] / after.total())
        for kind in sorted(before.keys() | after.keys()) if before[kind] or after[kind]))


def _agreement(judged: Sequence[AnyRow]) -> Iterable[Rate]:
    """The share of judged insights that people accepted: of all, and of each kind, modality, sender and reader."""
    if judged:
        yield rate("all insights", sum(row.number for row in judged if row.decision == "accepted"),
                   sum(row.number for row in judged))
    for column in ("kind", *figures.SPLITS):
        total, right = Counter[str](), Counter[str]()
        for row in judged:
            name = getattr(row, column) or "not told"
            total[name] += row.number
            right[name] += row.number if row.decision == "accepted" else 0
        for name, of in sorted(total.items(), key=lambda one: (-one[1], one[0]))[:_MOST]:
            yield rate(f"{column}: {name}", right[name], of)
