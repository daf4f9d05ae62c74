"""Counts and the figures made of them. A figure without cases is None, never 0 or 1."""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import NamedTuple

from fhir_adapter.evaluation.scoring import Scored

Interval = tuple[float, float]
_Z = 1.959963984540054  # the 97.5th percentile of the normal distribution


class Counts(NamedTuple):
    """All that is counted for one task.

    Mentions: things said that were `right` or `wrong`, things wanted that were `found` or `missed`. Reports, by whether
    people found the kind in them and whether the engine said it, wherever in the text: the last four. A plain tuple,
    because the bootstrap makes a million of them.
    """

    right: int = 0
    wrong: int = 0
    found: int = 0
    missed: int = 0
    true_positive: int = 0
    false_positive: int = 0
    false_negative: int = 0
    true_negative: int = 0

    @property
    def reports(self) -> int:
        """How many reports were annotated."""
        return self.true_positive + self.false_positive + self.false_negative + self.true_negative

    @property
    def prevalence(self) -> float | None:
        """The share of reports in which people found it."""
        return ratio(self.true_positive + self.false_negative, self.reports)


def counts(scored: Scored, task: str) -> Counts:
    """One report's counts for a task; all zero where people did not look for it."""
    tally = scored.tallies.get(task)
    if tally is None:
        return Counts()
    has, said = tally.found + tally.missed > 0, tally.right + tally.wrong > 0
    return Counts(tally.right, tally.wrong, tally.found, tally.missed, int(has and said), int(said and not has),
                  int(has and not said), int(not has and not said))


def ratio(part: float, whole: float) -> float | None:
    """The share `part` of `whole`, or None without cases."""
    return part / whole if whole else None


def wilson(part: int, whole: int) -> Interval | None:
    """The 95 % score interval of a proportion (Wilson 1927); None without cases."""
    if not whole:
        return None
    share, square = part / whole, _Z * _Z
    middle = (share + square / (2 * whole)) / (1 + square / whole)
    half = _Z / (1 + square / whole) * math.sqrt(share * (1 - share) / whole + square / (4 * whole * whole))
    return max(0.0, middle - half), min(1.0, middle + half)


def precision(c: Counts, _: float | None = None) -> float | None:
    """Of the mentions said, the share that is right."""
    return ratio(c.right, c.right + c.wrong)


def recall(c: Counts, _: float | None = None) -> float | None:
    """Of the mentions annotated, the share that was found."""
    return ratio(c.found, c.found + c.missed)


def f1(c: Counts, _: float | None = None) -> float | None:
    """The harmonic mean of precision and recall; 0 where all that was said is wrong or all that was wanted missed."""
    if not any(c[:4]):
        return None
    return _harmonic(precision(c) or 0.0, recall(c) or 0.0)


def _harmonic(one: float, other: float) -> float:
    return 2 * one * other / (one + other) if one + other else 0.0


def sensitivity(c: Counts, _: float | None = None) -> float | None:
    """Of the reports that have the kind, the share that is flagged."""
    return ratio(c.true_positive, c.true_positive + c.false_negative)


def specificity(c: Counts, _: float | None = None) -> float | None:
    """Of the reports without the kind, the share that is not flagged."""
    return ratio(c.true_negative, c.true_negative + c.false_positive)


def ppv(c: Counts, prevalence: float | None) -> float | None:
    """Of the flagged reports the share that has the kind, where `prevalence` of all have it (Bayes)."""
    found, silent = sensitivity(c), specificity(c)
    return None if found is None or silent is None or prevalence is None else _ppv(found, silent, prevalence)


def npv(c: Counts, prevalence: float | None) -> float | None:
    """Of the reports not flagged the share without the kind, where `prevalence` of all have it (Bayes)."""
    found, silent = sensitivity(c), specificity(c)
    return None if found is None or silent is None or prevalence is None else _npv(found, silent, prevalence)


def _ppv(found: float, silent: float, prevalence: float) -> float | None:
    return ratio(found * prevalence, found * prevalence + (1 - silent) * (1 - prevalence))


def _npv(found: float, silent: float, prevalence: float) -> float | None:
    return ratio(silent * (1 - prevalence), silent * (1 - prevalence) + (1 - found) * prevalence)


MEASURES: Mapping[str, Callable[[Counts, float | None], float | None]] = {
    "precision": precision, "recall": recall, "f1": f1, "sensitivity": sensitivity, "specificity": specificity,
    "ppv": ppv, "npv": npv,
}
"""Every figure of a task: the first three over mentions, the others over reports as a whole."""


def cautious(name: str, c: Counts, prevalence: float | None) -> Interval | None:
    """An interval from the ends of the Wilson intervals that the figure is made of; wider than it need be."""
    said, wanted = wilson(c.right, c.right + c.wrong), wilson(c.found, c.found + c.missed)
    if name == "precision":
        return said
    if name == "recall":
        return wanted
    if name == "f1":
        return (_harmonic(said[0], wanted[0]), _harmonic(said[1], wanted[1])) if said and wanted else None
    positive = wilson(c.true_positive, c.true_positive + c.false_negative)
    negative = wilson(c.true_negative, c.true_negative + c.false_positive)
    if positive is None or negative is None or prevalence is None:
        return None
    made = _ppv if name == "ppv" else _npv
    ends = [made(found, silent, prevalence) for found, silent in zip(positive, negative, strict=True)]
    return (ends[0], ends[1]) if ends[0] is not None and ends[1] is not None else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Alarms:
    """Reports a day: flagged, flagged for nothing, and not flagged though they have the kind."""

    flagged: float
    false: float
    missed: float


def alarms(c: Counts, prevalence: float | None, volume: float) -> Alarms | None:
    """What to expect of `volume` reports a day; None where sensitivity or specificity is not known."""
    found, silent = sensitivity(c), specificity(c)
    if prevalence is None or (found is None and prevalence > 0) or (silent is None and prevalence < 1):
        return None
    having, free = volume * prevalence, volume * (1 - prevalence)
    right, false = having * (found or 0.0), free * (1 - (1.0 if silent is None else silent))
    return Alarms(flagged=right + false, false=false, missed=having - right)
