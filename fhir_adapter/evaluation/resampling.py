"""
Intervals by drawing reports again (bootstrap): mentions of one report are not independent, reports are.

Efron and Tibshirani, An Introduction to the Bootstrap (1993), chapter 13: the percentile interval.
"""

import random
import sys
from array import array
from collections.abc import Iterator, Sequence


def resampled(vectors: Sequence[Sequence[int]], *, times: int, seed: int) -> Iterator[tuple[int, ...]]:
    """The sum of as many vectors as there are, drawn with replacement, `times` times; the same for the same seed.

    Each vector is packed into one integer of 64 bits a count, so that a sample costs one sum of integers instead of one
    for each count.
    """
    if not vectors:
        return
    size = 8 * len(vectors[0])
    packed = [int.from_bytes(array("Q", vector).tobytes(), sys.byteorder) for vector in vectors]
    chance = random.Random(seed)  # noqa: S311 - statistics, not secrets
    for _ in range(times):
        total = sum(chance.choices(packed, k=len(packed)))
        yield tuple(array("Q", total.to_bytes(size, sys.byteorder)))


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
