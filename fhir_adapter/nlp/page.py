"""A report as the layers read it: its sentences, its text in lower case, and which sentences hold whose marks."""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from fhir_adapter.model.reading import Sentence
from fhir_adapter.nlp import marks
from fhir_adapter.scan import Folded, Match, Matcher, fold
from fhir_adapter.tables.language import LanguageTables
from fhir_adapter.tables.once import once


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """`low` is `text` in lower case, of the same length; `starts` and `marked` have the start and the marks of each
    sentence, `sides` the places where a side word may begin, in order.
    """

    text: str
    low: str
    sentences: Sequence[Sentence]
    starts: Sequence[int]
    marked: Sequence[int]
    sides: Sequence[int]

    def holding(self, mark: int) -> Iterator[int]:
        """The numbers of the sentences that hold one of these marks, in order."""
        return (number for number, held in enumerate(self.marked) if held & mark)

    def number(self, sentence: Sentence) -> int:
        """The number of one of its sentences."""
        return bisect_left(self.starts, sentence.span.start)


def made(folded: Folded, sentences: Sequence[Sentence], flat: Sequence[int], found: Iterable[Match[int]]) -> Page:
    """The page of a text whose marks were found, and of which the sentences begin at these places of `folded.flat`; a
    mark counts for the sentence in which it begins.
    """
    marked = [0] * len(sentences)
    sides = []
    for start, _, mark in found:
        number = bisect_right(flat, start) - 1
        if number >= 0:
            marked[number] |= mark
            if mark == marks.SIDE:
                sides.append(folded.place(start))
    return Page(text=folded.text, low=folded.low, sentences=sentences, starts=[s.span.start for s in sentences],
                marked=marked, sides=sides)


def alone(text: str, sentences: Sequence[Sentence], tables: LanguageTables) -> Page:
    """The page of a text that nothing else looks through."""
    folded = fold(text)
    return made(folded, sentences, beginnings(folded, sentences), _matcher(tables).find(folded))


def beginnings(folded: Folded, sentences: Sequence[Sentence]) -> list[int]:
    """Where in `folded.flat` each sentence begins."""
    return [folded.flat_place(sentence.span.start) for sentence in sentences]


@once
def _matcher(tables: LanguageTables) -> Matcher[int]:
    return Matcher(marks.phrases(tables, 0))
