"""Put mentions together that do not contradict one another, where what is unsaid contradicts nothing."""

from bisect import bisect_left, insort
from collections.abc import Callable, Hashable, Iterable, Sequence
from heapq import merge
from typing import Generic, TypeVar

T = TypeVar("T")
Said = tuple[Hashable, ...]
"""What a mention says, with None for what it leaves open."""


def alike(things: Iterable[T], kind: Callable[[T], Hashable], said: Callable[[T], Said]) -> tuple[tuple[T, ...], ...]:
    """The groups in the order of their first members; a thing goes to the first group of its kind that it fits.

    All of `said` have the same length, best with what differs most in front. The time is nearly linear in the number of
    things, however many groups there are.
    """
    kinds: dict[Hashable, _Groups[T]] = {}
    groups: list[list[T]] = []
    for thing in things:
        of_kind = kinds.setdefault(kind(thing), _Groups())
        members = of_kind.members(said(thing))
        if not members:
            groups.append(members)
        members.append(thing)
    return tuple(tuple(members) for members in groups)


class _Groups(Generic[T]):
    """The groups of one kind with what their members say together, to be found by each thing that is said."""

    def __init__(self) -> None:
        self._said: list[list[Hashable]] = []
        self._members: list[list[T]] = []
        self._by: dict[tuple[int, Hashable], list[int]] = {}

    def members(self, said: Said) -> list[T]:
        """Those of the first group that does not contradict, which now says this too; of a new one, none."""
        number = next((n for n in self._candidates(said) if _agree(self._said[n], said)), None)
        if number is None:
            number = len(self._said)
            self._said.append(list(said))
            self._members.append([])
            for place, value in enumerate(said):
                self._by.setdefault((place, value), []).append(number)
        else:
            self._learn(number, said)
        return self._members[number]

    def _candidates(self, said: Said) -> Iterable[int]:
        """In order, the groups that say the same or nothing where the thing first says something, else all."""
        for place, value in enumerate(said):
            if value is not None:
                same, open_ = self._by.get((place, value)), self._by.get((place, None))
                return merge(same, open_) if same and open_ else same or open_ or ()
        return range(len(self._said))

    def _learn(self, number: int, said: Said) -> None:
        known = self._said[number]
        for place, value in enumerate(said):
            if known[place] is None and value is not None:
                open_ = self._by[place, None]
                del open_[bisect_left(open_, number)]
                insort(self._by.setdefault((place, value), []), number)
                known[place] = value


def _agree(one: Sequence[Hashable], other: Sequence[Hashable]) -> bool:
    return all(a is None or b is None or a == b for a, b in zip(one, other, strict=True))
