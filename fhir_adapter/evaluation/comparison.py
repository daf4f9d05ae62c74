"""Two runs over the same reports: how much better, and whether that can be chance."""

from collections.abc import Sequence
from dataclasses import dataclass

from fhir_adapter.evaluation.figures import Counts, Interval, counts, f1
from fhir_adapter.evaluation.resampling import percentiles, resampled
from fhir_adapter.evaluation.results import Choices
from fhir_adapter.evaluation.scoring import Scored
from fhir_adapter.evaluation.tasks import TASKS

_WIDTH = len(Counts._fields)


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """One task: F1 before and now, and the difference with its 95 % interval (the same reports drawn for both).

    `better` reports are without an error now and were not before, `worse` the other way round; `p` is McNemar's exact
    two-sided test on them, 1 where none changed.
    """

    task: str
    before: float | None
    now: float | None
    difference: float | None
    interval: Interval | None
    better: int
    worse: int
    p: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """What changed over the `reports` that both runs judged by the same annotations; the others are `left_out`."""

    before: str
    now: str
    reports: int
    left_out: int
    differences: tuple[Difference, ...]


def compare(before: Sequence[Scored], now: Sequence[Scored], choices: Choices, names: tuple[str, str]) -> Comparison:
    """The differences from `before` to `now`, report by report; `names` say which is which."""
    earlier = {(one.identity, one.digest): one for one in before}
    pairs = [(earlier[key], one) for one in now if (key := (one.identity, one.digest)) in earlier]
    tasks = [t.name for t in TASKS if any(t.name in a.tallies and t.name in b.tallies for a, b in pairs)]
    vectors = [[n for task in tasks for one in pair for n in counts(one, task)] for pair in pairs]
    totals = tuple(sum(column) for column in zip(*vectors, strict=True))
    samples = list(resampled(vectors, times=choices.resamples, seed=choices.seed)) if len(pairs) > 1 else []
    return Comparison(before=names[0], now=names[1], reports=len(pairs),
                      left_out=len(before) + len(now) - 2 * len(pairs),
                      differences=tuple(_difference(task, n, totals, samples, pairs) for n, task in enumerate(tasks)))


def _difference(task: str, place: int, totals: tuple[int, ...], samples: list[tuple[int, ...]],
                pairs: list[tuple[Scored, Scored]]) -> Difference:
    def both(numbers: tuple[int, ...]) -> tuple[float | None, float | None]:
        start = 2 * place * _WIDTH
        return f1(Counts(*numbers[start : start + _WIDTH])), f1(Counts(*numbers[start + _WIDTH : start + 2 * _WIDTH]))

    before, now = both(totals)
    faultless = [(_faultless(a, task), _faultless(b, task)) for a, b in pairs]
    better, worse = faultless.count((False, True)), faultless.count((True, False))
    return Difference(task=task, before=before, now=now, difference=_minus(now, before), better=better, worse=worse,
                      interval=percentiles([_minus(y, x) for x, y in map(both, samples)]), p=mcnemar(better, worse))


def _faultless(scored: Scored, task: str) -> bool:
    tally = scored.tallies.get(task)
    return tally is None or not tally.wrong + tally.missed


def _minus(one: float | None, other: float | None) -> float | None:
    return None if one is None or other is None else one - other


def mcnemar(better: int, worse: int) -> float:
    """The exact two-sided p-value of so many changes for the better and worse, were both as likely (McNemar 1947)."""
    changes, tail, ways = better + worse, 0, 1
    for n in range(min(better, worse) + 1):
        tail, ways = tail + ways, ways * (changes - n) // (n + 1)
    return min(1.0, tail / 2 ** (changes - 1)) if changes else 1.0
