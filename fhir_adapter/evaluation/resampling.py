"""
Intervals by drawing reports again (bootstrap): mentions of one report are not independent, reports are.

Efron and Tibshirani, An Introduction to the Bootstrap (1993), chapter 13: the percentile interval.
"""

import random
from collections.abc import Iterator, Sequence

_BITS = 40


def resampled(vectors: Sequence[Sequence[int]], *, times: int, seed: int) -> Iterator[tuple[int, ...]]:
    """The sum of as many vectors as there are, drawn with replacement, `times` times; the same for the same seed.

    Each vector is packed into one integer, so that a sample costs one sum of integers instead of one for each count.
    """
    if not vectors:
        return
    width, mask = len(vectors[0]), (1 << _BITS) - 1
    packed = [sum(number << (_BITS * place) for place, number in enumerate(vector)) for vector in vectors]
    chance = random.Random(seed)  # noqa: S311 - statistics, not secrets
    for _ in range(times):
        total = sum(chance.choices(packed, k=len(packed)))
        yield tuple(total >> (_BITS * place) & mask for place in range(width))


def percentiles(values: Sequence[float | None]) -> tuple[float, float] | None:
    """The 2.5th and 97.5th percentile of the values that exist; None where more than half of them do not."""
    known = sorted(value for value in values if value is not None)
    if not known or len(known) * 2 < len(values):
        return None
    return _at(known, 0.025), _at(known, 0.975)


def _at(known: Sequence[float], share: float) -> float:
    """By linear interpolation between order statistics (type 7 of Hyndman and Fan 1996)."""
    place = share * (len(known) - 1)
    low = int(place)
    high = min(low + 1, len(known) - 1)
    return known[low] + (known[high] - known[low]) * (place - low)
