"""Counts, precision, recall and F1."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass


@dataclass(slots=True)
class Count:
    """True positives, false positives and false negatives of one label."""

    hit: int = 0
    wrong: int = 0
    missed: int = 0

    def add(self, *, gold: bool, said: bool) -> None:
        """Take one case in."""
        self.hit += gold and said
        self.wrong += said and not gold
        self.missed += gold and not said

    @property
    def precision(self) -> float:
        return self.hit / (self.hit + self.wrong) if self.hit + self.wrong else 0.0

    @property
    def recall(self) -> float:
        return self.hit / (self.hit + self.missed) if self.hit + self.missed else 0.0

    @property
    def f1(self) -> float:
        total = 2 * self.hit + self.wrong + self.missed
        return 2 * self.hit / total if total else 0.0


def table(counts: dict[str, Count]) -> Iterator[str]:
    """One line for each label, then micro and macro averages."""
    yield f"{'label':24}{'gold':>6}{'P':>7}{'R':>7}{'F1':>7}{'wrong':>7}{'missed':>8}"
    for label, count in counts.items():
        yield _line(label, count)
    total = _sum(counts.values())
    yield _line("micro", total)
    yield f"{'macro':24}{'':20}{sum(c.f1 for c in counts.values()) / len(counts):7.3f}"


def _sum(counts: Iterable[Count]) -> Count:
    total = Count()
    for count in counts:
        total.hit += count.hit
        total.wrong += count.wrong
        total.missed += count.missed
    return total


def _line(label: str, count: Count) -> str:
    return (f"{label:24}{count.hit + count.missed:6}{count.precision:7.3f}{count.recall:7.3f}{count.f1:7.3f}"
            f"{count.wrong:7}{count.missed:8}")
