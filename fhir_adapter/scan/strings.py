"""Where many strings stand in a text, found in one pass (Aho and Corasick, 1975)."""

from collections import defaultdict
from collections.abc import Mapping, Sequence

from ahocorasick_rs import AhoCorasick, MatchKind


class Strings:
    """A compiled set of strings, within words too and exactly as they are spelt; threads may share it."""

    def __init__(self, strings: Sequence[str]) -> None:
        """Compile the strings; one without any character is a ValueError."""
        if not all(strings):
            raise ValueError("a string needs a character")
        self._automaton = AhoCorasick(list(strings), matchkind=MatchKind.Standard) if strings else None

    def places(self, text: str) -> Mapping[int, Sequence[int]]:
        """By the number of each string that stands in a text, where it begins, in order; linear in the text."""
        found: defaultdict[int, list[int]] = defaultdict(list)
        if self._automaton is not None:
            for number, start, _ in self._automaton.find_matches_as_indexes(text, overlapping=True):
                found[number].append(start)
        return found
