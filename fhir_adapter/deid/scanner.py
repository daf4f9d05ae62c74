"""
A text scanned once for the cue words of all recognisers, which then look only where their words stand.

Most of a report interests no recogniser; running every pattern over all of it is what makes de-identification slow.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Set
from dataclasses import dataclass, field
from functools import lru_cache

from fhir_adapter.deid.words import folded
from fhir_adapter.model.span import Span
from fhir_adapter.scan import Matcher, Phrase, fold
from fhir_adapter.tables.deidentification import DeidTables


@dataclass(frozen=True, slots=True)
class Seen:
    """A text, its folded form of the same length, and where the cue words stand in it."""

    text: str
    plain: str = field(repr=False)
    cues: Mapping[str, tuple[Span, ...]]

    def has(self, words: Set[str]) -> bool:
        """Whether one of the cue words stands in the text."""
        return not words.isdisjoint(self.cues)

    def at(self, words: Set[str]) -> Iterator[Span]:
        """Each place of one of the cue words, word by word."""
        for word in self.cues.keys() & words:
            yield from self.cues[word]


Scan = Callable[[str], Seen]


def scanner(cues: Iterable[str]) -> Scan:
    """What scans a text for these words and phrases, whole words in any case."""
    matcher = Matcher([Phrase(text=cue, value=cue) for cue in sorted(set(cues))])

    def scan(text: str) -> Seen:
        low = fold(text)
        found: dict[str, list[Span]] = {}
        for match in matcher.find(low):
            found.setdefault(match.value, []).append(low.span(match.start, match.end))
        return Seen(text, folded(text, lines=True), {cue: tuple(spans) for cue, spans in found.items()})

    return scan


@lru_cache(maxsize=4)
def scanner_of(tables: DeidTables) -> Scan:
    """The scanner for all recognisers with these tables, compiled once."""
    from fhir_adapter.deid.recognisers import ages, cues, dates, places

    words = ages.CUES | dates.CUES | places.CUES | cues.CUES
    words |= {cue for pattern in tables.patterns for cue in (*pattern.cues, *pattern.words)}
    return scanner(words | set(tables.words.institutions))
