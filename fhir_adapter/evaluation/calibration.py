"""Whether insights that say "0.9" are right nine times in ten."""

from collections.abc import Sequence
from dataclasses import dataclass

from fhir_adapter.evaluation.confidence import Judged
from fhir_adapter.evaluation.figures import Interval, wilson

_BINS = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class Bin:
    """Insights with a confidence from `low` (included) to `high` (excluded; the last one includes 1)."""

    low: float
    high: float
    insights: int
    confidence: float
    right: float
    interval: Interval | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Calibration:
    """The reliability table of one kind, expected calibration error and Brier score.

    ECE is the mean distance between confidence and share that is right, weighted by the insights of each bin (Naeini
    2015); Brier the mean squared distance between confidence and outcome (Brier 1950). Both are best at 0.
    """

    kind: str
    insights: int
    bins: tuple[Bin, ...]
    ece: float
    brier: float


def calibration(kind: str, judged: Sequence[Judged]) -> Calibration | None:
    """The table over ten bins of equal width, empty ones left out; None where no insight says how sure it is."""
    if not judged:
        return None
    groups: dict[int, list[Judged]] = {}
    for one in judged:
        groups.setdefault(min(int(one.confidence * _BINS), _BINS - 1), []).append(one)
    bins = tuple(_bin(place, groups[place]) for place in sorted(groups))
    total = len(judged)
    return Calibration(kind=kind, insights=total, bins=bins,
                       ece=sum(b.insights * abs(b.confidence - b.right) for b in bins) / total,
                       brier=sum((one.confidence - one.is_right) ** 2 for one in judged) / total)


def _bin(place: int, judged: list[Judged]) -> Bin:
    right, total = sum(one.is_right for one in judged), len(judged)
    return Bin(low=place / _BINS, high=(place + 1) / _BINS, insights=total, right=right / total,
               confidence=sum(one.confidence for one in judged) / total, interval=wilson(right, total))
