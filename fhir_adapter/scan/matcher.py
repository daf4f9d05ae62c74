"""Find all of many phrases in one pass over the text (Aho and Corasick, 1975)."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from operator import itemgetter
from typing import Generic, NamedTuple, TypeVar

from ahocorasick_rs import AhoCorasick, MatchKind

from fhir_adapter.model.span import Span
from fhir_adapter.scan.folding import Folded, fold

T = TypeVar("T")
_START = itemgetter(0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Phrase(Generic[T]):
    """A phrase to look for and what it stands for.

    With `case`, only this spelling counts ("PE", not "pe"); with `part`, also a part of a word. Matches of each `group`
    are kept apart.
    """

    text: str
    value: T
    case: bool = False
    part: bool = False
    group: int = 0


class Match(NamedTuple, Generic[T]):
    """A phrase found: [start, end) of the folded text, and what the phrase stands for."""

    start: int
    end: int
    value: T


class _Row(NamedTuple, Generic[T]):
    """What a phrase stands for, and its spelling where that counts."""

    group: int
    value: T
    spelt: str | None


class Matcher(Generic[T]):
    """A compiled set of phrases. It keeps no state between texts, so threads may share it."""

    def __init__(self, phrases: Iterable[Phrase[T]]) -> None:
        """Compile the phrases; several may have the same words. A phrase without any character is a ValueError."""
        whole: dict[str, list[_Row[T]]] = {}
        parts: dict[str, list[_Row[T]]] = {}
        self._groups = 1
        for phrase in phrases:
            key = _key(phrase)
            if not key:
                raise ValueError("a phrase needs a character")
            spelt = " ".join(phrase.text.split()) if phrase.case else None
            (parts if phrase.part else whole).setdefault(key, []).append(_Row(phrase.group, phrase.value, spelt))
            self._groups = max(self._groups, phrase.group + 1)
        keys = list({**whole, **parts})
        # the last of the same words first, as the matches are turned round in the end
        self._rows = [(tuple(parts.get(key, ())), tuple(reversed(whole.get(key, ())))) for key in keys]
        self._automaton = AhoCorasick(keys, matchkind=MatchKind.Standard) if keys else None

    def find(self, folded: Folded) -> list[Match[T]]:
        """Every whole-word occurrence of every phrase, overlapping ones too, by start and then the longer first."""
        found = self.groups(folded)
        return found[0] if len(found) == 1 else sorted((m for group in found for m in group), key=_order)

    def groups(self, folded: Folded) -> list[list[Match[T]]]:
        """The same, one list for each group, found in one pass."""
        found: list[list[Match[T]]] = [[] for _ in range(self._groups)]
        if self._automaton is None:
            return found
        flat, last, table = folded.flat, len(folded.flat), self._rows
        for index, start, end in self._automaton.find_matches_as_indexes(flat, overlapping=True):
            parts, rows = table[index]
            for group, value, _ in parts:
                found[group].append(Match(start, end, value))
            if not rows or (start and ((before := flat[start - 1]).isalnum() or before == "_")
                            and flat[start].isalnum()) or (
                    end < last and ((after := flat[end]).isalnum() or after == "_") and flat[end - 1].isalnum()):
                continue
            for group, value, spelt in rows:
                if spelt is None or spelt == _spelt(folded, start, end):
                    found[group].append(Match(start, end, value))
        for group in found:  # they come by their ends: turned round, the longer of one start is the first
            group.reverse()
            group.sort(key=_START)
        return found

    def spans(self, text: str) -> Iterator[tuple[Span, T]]:
        """The longest matches of a text that do not overlap, with their place in it; for short programs and tests."""
        folded = fold(text)
        for match in longest(self.find(folded)):
            yield folded.span(match.start, match.end), match.value


def longest(matches: Iterable[Match[T]]) -> list[Match[T]]:
    """Keep the leftmost match and, of several at one place, the longest; drop what overlaps it (`matches` in order).

    Matches with the same words all stay: they are several meanings of one place.
    """
    kept: list[Match[T]] = []
    start = end = -1
    for match in matches:
        if match.start >= end or (match.start == start and match.end == end):
            kept.append(match)
            start, end = match.start, match.end
    return kept


def _key(phrase: Phrase[T]) -> str:
    """The words of a phrase as a folded text has them."""
    if phrase.part:
        return fold(phrase.text).flat
    if phrase.text.isascii():  # thousands of phrases, folded in a tenth of the time
        return " ".join(phrase.text.lower().replace("-", " ").split())
    return fold(phrase.text).flat.strip()


def _order(match: Match[T]) -> tuple[int, int]:
    return match.start, -match.end


def _spelt(folded: Folded, start: int, end: int) -> str:
    return " ".join(folded.span(start, end).of(folded.text).split())
