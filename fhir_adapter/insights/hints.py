"""
A cheap look before costly patterns: which patterns of the tables can match in a report at all, and from where.

A pattern for "pulmonary embol" or "saddle clot" can only match where "embol" or "clot" stands, and only from where a
"pulmonary" or "saddle" begins. One pass for such strings of all patterns leaves few places to be tried.
"""

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TypeGuard

from fhir_adapter.insights.literals import literals
from fhir_adapter.insights.own_words import NO_FOLLOW_UP, NUMBERED
from fhir_adapter.model.span import Span
from fhir_adapter.scan import Strings
from fhir_adapter.tables.judgement import JudgementTables
from fhir_adapter.tables.once import once

# Beside their small letters, what `re.IGNORECASE` takes for an i and an s.
_LIKE_ASCII = str.maketrans({"\u0130": "i", "\u0131": "i", "\u017f": "s"})
_FOREIGN_DIGIT = re.compile(r"[^\D0-9]")


class Hints:
    """The strings of many patterns. It keeps the patterns, as it knows them by their identity."""

    def __init__(self, found: Iterable[re.Pattern[str]], allowed: Iterable[re.Pattern[str]] = ()) -> None:
        """The patterns that are to be found in texts, and those of which it is only asked whether they are allowed."""
        self.found, self.allowed = tuple(found), tuple(allowed)
        numbers: dict[str, int] = {}
        self._starts: dict[int, Sequence[int]] = {}
        needing: dict[int, set[int]] = {}
        for place, pattern in enumerate((*self.found, *self.allowed)):
            name, read = id(pattern), literals(pattern)
            if place < len(self.found) and _are_telling(read.starts):
                self._starts[name] = tuple({numbers.setdefault(string, len(numbers)) for string in read.starts})
            if _are_telling(read.needed):
                for string in read.needed:
                    needing.setdefault(numbers.setdefault(string, len(numbers)), set()).add(name)
        self._strings = Strings(tuple(numbers))
        self._needing = {number: frozenset(names) for number, names in needing.items()}
        self._known = frozenset().union(*self._needing.values())

    def look(self, text: str, *beside: str) -> "Sight":
        """Look at a text, and at others that patterns may be held against too."""
        whole = "\n".join((text, *beside))
        places = self._strings.places(_plain(whole))
        shown = (self._needing[number] for number in places if number in self._needing)
        return Sight(self._known.difference(*shown), self._starts, places)


class Sight:
    """What a look at one report has shown."""

    __slots__ = ("_merged", "_places", "_ruled_out", "_starts")

    def __init__(self, ruled_out: frozenset[int], starts: Mapping[int, Sequence[int]],
                 places: Mapping[int, Sequence[int]]) -> None:
        self._ruled_out, self._starts, self._places = ruled_out, starts, places
        self._merged: dict[int, Sequence[int]] = {}

    def allows(self, pattern: re.Pattern[str] | None) -> TypeGuard[re.Pattern[str]]:
        """Whether there is a pattern and it may match anywhere in what was looked at."""
        return pattern is not None and id(pattern) not in self._ruled_out

    def finditer(self, pattern: re.Pattern[str] | None, text: str, start: int = 0, end: int | None = None) -> (
            Iterator[re.Match[str]]):
        """What the pattern finds in the text that was looked at, or in one with other white space; like its own."""
        if not self.allows(pattern):
            return
        end = len(text) if end is None else end
        if id(pattern) not in self._starts:
            yield from pattern.finditer(text, start, end)
            return
        places = self._places_of(id(pattern))
        for place in places[bisect_left(places, start):]:
            if place >= end:
                return
            if place >= start and (match := pattern.match(text, place, end)):
                yield match
                start = match.end()

    def find_in(self, pattern: re.Pattern[str], text: str, spans: Sequence[Span]) -> (
            Iterator[tuple[Span, re.Match[str]]]):
        """What `finditer` finds in each of many spans, which are in order and do not overlap, with the span."""
        if id(pattern) not in self._starts:
            yield from ((span, match) for span in spans for match in pattern.finditer(text, span.start, span.end))
            return
        done = 0
        for place in self._places_of(id(pattern)) if self.allows(pattern) else ():
            number = bisect_right(spans, place, key=_begin) - 1
            inside = place >= done and number >= 0 and place < spans[number].end
            if inside and (match := pattern.match(text, place, spans[number].end)):
                yield spans[number], match
                done = match.end()

    def _places_of(self, name: int) -> Sequence[int]:
        """Where matches of a pattern can begin, in order."""
        if name not in self._merged:
            found = [self._places[number] for number in self._starts[name] if number in self._places]
            self._merged[name] = found[0] if len(found) == 1 else sorted({at for places in found for at in places})
        return self._merged[name]


def _begin(span: Span) -> int:
    return span.start


def _plain(text: str) -> str:
    """The text in small letters, as patterns read it that know no case, each character in its place."""
    return (text if text.isascii() else _FOREIGN_DIGIT.sub("0", text.translate(_LIKE_ASCII))).lower()


def _are_telling(strings: Sequence[str] | None) -> TypeGuard[Sequence[str]]:
    """Whether it is worth to look for strings; single letters stand everywhere, digits do not."""
    return strings is not None and all(len(string) > 1 or string.isdigit() for string in strings)


@once
def hints(tables: JudgementTables) -> Hints:
    """Those of the patterns that are held against whole reports or orders."""
    return Hints((NUMBERED, NO_FOLLOW_UP, *filter(None, _found(tables))), filter(None, _allowed(tables)))


def _found(tables: JudgementTables) -> Iterator[re.Pattern[str] | None]:
    yield tables.critical.cancer.said
    yield from (row.phrase for row in tables.critical.rows)
    for guideline in tables.guidelines:
        yield from (guideline.excluded, guideline.unless)
        yield from (value.words for item in guideline.items for value in item.values)
    for measure in tables.measures:
        one = measure.eligible
        yield from (one.said, one.indication, one.excluded, measure.exception)
        yield from (row.phrase for row in one.found)
        yield from (words for row in measure.criteria for words in (row.words, row.when))


def _allowed(tables: JudgementTables) -> Iterator[re.Pattern[str] | None]:
    yield tables.critical.cancer.named
    for row in tables.critical.rows:
        yield from (row.context, row.unless_asked, row.unless_anywhere)
    yield from (guideline.ordered for guideline in tables.guidelines)
    for measure in tables.measures:
        yield from (row.order for row in measure.eligible.examinations)
        yield from (row.order for row in measure.eligible.found)
        yield from (row.order for row in measure.criteria)
    yield from (row.words for row in tables.order_anatomy)
    yield from (row.words for row in tables.order_views)
