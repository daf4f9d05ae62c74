"""Find all of many phrases in one pass over the text (Aho and Corasick, 1975)."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Generic, TypeVar

from ahocorasick_rs import AhoCorasick, MatchKind

from fhir_adapter.model.span import Span
from fhir_adapter.scan.folding import Folded, fold

T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class Phrase(Generic[T]):
    """A phrase to look for and what it stands for; with `case`, only this spelling counts ("PE", not "pe")."""

    text: str
    value: T
    case: bool = False


@dataclass(frozen=True, slots=True)
class Match(Generic[T]):
    """A phrase found: [start, end) of the folded text, and what the phrase stands for."""

    start: int
    end: int
    value: T


class Matcher(Generic[T]):
    """A compiled set of phrases. It keeps no state between texts, so threads may share it."""

    def __init__(self, phrases: Iterable[Phrase[T]]) -> None:
        """Compile the phrases; several may have the same words. A phrase without any character is a ValueError."""
        rows: dict[str, list[Phrase[T]]] = {}
        for phrase in phrases:
            key = fold(phrase.text).flat.strip()
            if not key:
                raise ValueError("a phrase needs a character")
            rows.setdefault(key, []).append(phrase)
        self._rows = tuple(tuple(same) for same in rows.values())
        self._automaton = AhoCorasick(list(rows), matchkind=MatchKind.Standard) if rows else None

    def find(self, folded: Folded) -> list[Match[T]]:
        """Every whole-word occurrence of every phrase, overlapping ones too, by start and then the longer first."""
        if self._automaton is None:
            return []
        flat, last = folded.flat, len(folded.flat)
        found: list[Match[T]] = []
        for index, start, end in self._automaton.find_matches_as_indexes(flat, overlapping=True):
            if start and flat[start].isalnum() and _is_word(flat[start - 1]):
                continue
            if end < last and _is_word(flat[end]) and flat[end - 1].isalnum():
                continue
            for phrase in self._rows[index]:
                if not phrase.case or _spelt(folded, start, end) == " ".join(phrase.text.split()):
                    found.append(Match(start, end, phrase.value))
        found.sort(key=_order)
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


def _is_word(character: str) -> bool:
    return character.isalnum() or character == "_"


def _order(match: Match[T]) -> tuple[int, int]:
    return match.start, -match.end


def _spelt(folded: Folded, start: int, end: int) -> str:
    return " ".join(folded.span(start, end).of(folded.text).split())
