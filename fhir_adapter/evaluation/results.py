"""All reports together: figures with their intervals, by subgroup, and how sure the engine may be."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field

from fhir_adapter.evaluation.annotated import DIMENSIONS
from fhir_adapter.evaluation.calibration import Calibration, calibration
from fhir_adapter.evaluation.figures import MEASURES, Alarms, Counts, Interval, alarms, cautious, counts, wilson
from fhir_adapter.evaluation.resampling import percentiles, resampled
from fhir_adapter.evaluation.scoring import Scored
from fhir_adapter.evaluation.tasks import TASKS, Task

_WIDTH = len(Counts._fields)
_REPORT_LEVEL = ("sensitivity", "specificity", "ppv", "npv")
_REDRAWN = ("precision", "recall", "f1", "ppv", "npv")


@dataclass(frozen=True, slots=True, kw_only=True)
class Choices:
    """How to count: `prevalence` of each kind ("" for all others), reports a day, samples and seed of intervals."""

    prevalence: Mapping[str, float] = field(default_factory=dict)
    volume: float | None = None
    resamples: int = 1000
    seed: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One task over a set of reports. A figure is None without cases, an interval also where it cannot be had."""

    task: str
    summary: str
    counts: Counts
    prevalence: float | None
    figures: Mapping[str, float | None]
    intervals: Mapping[str, Interval | None]
    alarms: Alarms | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Evaluation:
    """A whole run. `subgroups` maps a dimension to its groups, each with its number of reports and its rows."""

    version: str
    engine: str
    choices: Choices
    scored: tuple[Scored, ...]
    rows: tuple[Row, ...]
    subgroups: Mapping[str, Mapping[str, tuple[int, tuple[Row, ...]]]]
    calibration: tuple[Calibration, ...]

    @property
    def failures(self) -> tuple[Scored, ...]:
        """The reports that could not be read; all that is annotated in them counts as missed."""
        return tuple(one for one in self.scored if one.failure)

    def row(self, task: str) -> Row | None:
        """The row of a task; None where nobody annotated it."""
        return next((row for row in self.rows if row.task == task), None)


def evaluation(scored: Sequence[Scored], choices: Choices, *, version: str, engine: str) -> Evaluation:
    """The figures of these reports."""
    groups: dict[str, dict[str, list[Scored]]] = {dimension: {} for dimension in DIMENSIONS}
    for one in scored:
        for dimension, group in one.groups.items():
            groups[dimension].setdefault(group, []).append(one)
    return Evaluation(
        version=version, engine=engine, choices=choices, scored=tuple(scored), rows=rows(scored, choices),
        subgroups={dimension: {group: (len(members), rows(members, choices, ("f1",)))
                               for group, members in sorted(by.items())} for dimension, by in groups.items()},
        calibration=_calibrations(scored))


def rows(scored: Sequence[Scored], choices: Choices, redrawn: Collection[str] = _REDRAWN) -> tuple[Row, ...]:
    """A row for each task that someone annotated in these reports; all share their samples."""
    tasks = [task for task in TASKS if any(task.name in one.tallies for one in scored)]
    vectors = [[n for task in tasks for n in counts(one, task.name)] for one in scored]
    totals = [sum(column) for column in zip(*vectors, strict=True)]
    samples = list(resampled(vectors, times=choices.resamples, seed=choices.seed)) if len(scored) > 1 else []
    out = []
    for start, task in zip(range(0, len(totals), _WIDTH), tasks, strict=True):
        end = start + _WIDTH
        out.append(_row(task, Counts(*totals[start:end]), [Counts(*s[start:end]) for s in samples], choices, redrawn))
    return tuple(out)


def _row(task: Task, total: Counts, samples: list[Counts], choices: Choices, redrawn: Collection[str]) -> Row:
    names = [name for name in MEASURES if task.is_main or name not in _REPORT_LEVEL]
    chosen = choices.prevalence.get(task.name, choices.prevalence.get(""))
    prevalence = (total.prevalence if chosen is None else chosen) if task.is_main else None
    intervals = {name: _interval(name, total, prevalence, samples) for name in names if name in redrawn}
    if task.is_main:
        intervals |= {"sensitivity": wilson(total.true_positive, total.true_positive + total.false_negative),
                      "specificity": wilson(total.true_negative, total.true_negative + total.false_positive)}
    return Row(task=task.name, summary=task.summary, counts=total, prevalence=prevalence, intervals=intervals,
               figures={name: MEASURES[name](total, prevalence) for name in names},
               alarms=alarms(total, prevalence, choices.volume) if task.is_main and choices.volume else None)


def _interval(name: str, total: Counts, prevalence: float | None, samples: list[Counts]) -> Interval | None:
    """By the samples; where all of them agree, chance has not been seen yet, and the cautious one stands in."""
    drawn = percentiles([MEASURES[name](sample, prevalence) for sample in samples])
    return cautious(name, total, prevalence) if drawn and drawn[0] == drawn[1] else drawn


def _calibrations(scored: Sequence[Scored]) -> tuple[Calibration, ...]:
    judged = [one for report in scored for one in report.judged]
    kinds = sorted({one.kind for one in judged})
    tables = [calibration("all", judged), *(calibration(k, [j for j in judged if j.kind == k]) for k in kinds)]
    return tuple(table for table in tables if table is not None)
