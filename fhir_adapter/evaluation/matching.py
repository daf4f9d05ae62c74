"""Which of what was said is which of what was wanted."""

from collections.abc import Hashable, Sequence
from dataclasses import dataclass

from fhir_adapter.model.span import Span


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """Something that a text shows at some words, or that holds of the whole report (no `spans`).

    `key` must agree for a match.
    """

    spans: tuple[Span, ...] = ()
    key: Hashable = ()

    def means(self, other: "Mark") -> bool:
        """Whether both say the same, at words that overlap."""
        return self.key == other.key and (not self.spans or not other.spans
                                          or any(a.overlaps(b) for a in self.spans for b in other.spans))


@dataclass(frozen=True, slots=True, kw_only=True)
class Matched:
    """What came of a matching: indices of `said` that were right or wrong, of `wanted` that were found or missed."""

    right: tuple[int, ...]
    wrong: tuple[int, ...]
    found: tuple[int, ...]
    missed: tuple[int, ...]


def one_to_one(wanted: Sequence[Mark], said: Sequence[Mark]) -> Matched:
    """The most pairs that can be made, each mark in one pair at most (Kuhn's algorithm), whatever the order."""
    partner: dict[int, int] = {}  # index of said -> index of wanted

    def paired(want: int, tried: set[int]) -> bool:
        could = [say for say in range(len(said)) if say not in tried and wanted[want].means(said[say])]
        could.sort(key=partner.__contains__)  # a free one first: nobody has to move
        for say in could:
            if say in tried:
                continue
            tried.add(say)
            if say not in partner or paired(partner[say], tried):
                partner[say] = want
                return True
        return False

    found = {want for want in range(len(wanted)) if paired(want, set())}
    return _matched(len(wanted), len(said), found, set(partner))


def shared(wanted: Sequence[Mark], said: Sequence[Mark]) -> Matched:
    """One thing said may be several that were wanted, and the other way round: each is judged by itself."""
    right = {n for n, say in enumerate(said) if any(say.means(want) for want in wanted)}
    found = {n for n, want in enumerate(wanted) if any(say.means(want) for say in said)}
    return _matched(len(wanted), len(said), found, right)


def _matched(wanted: int, said: int, found: set[int], right: set[int]) -> Matched:
    return Matched(right=tuple(sorted(right)), wrong=tuple(n for n in range(said) if n not in right),
                   found=tuple(sorted(found)), missed=tuple(n for n in range(wanted) if n not in found))
