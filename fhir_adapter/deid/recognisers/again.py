"""
A person whom the text names with a title, a cue or in full, met again by one of the names alone.

`Patient: Fergus McWhumple` makes of `Fergus` a person all through the text. Words of the language, eponyms and towns
are left to the other recognisers: the second time they may mean what they say.
"""

import re
from collections.abc import Iterator, Sequence

from fhir_adapter.deid.hits import Hit
from fhir_adapter.deid.scanner import Seen
from fhir_adapter.deid.words import folded
from fhir_adapter.model.span import Span
from fhir_adapter.tables.words import WordLists

_WORD = re.compile(r"[^\W\d_]{4,}")


def find(seen: Seen, hits: Sequence[Hit], lists: WordLists) -> Iterator[Hit]:
    """Each further mention of a word of the names in `hits`, with the tag that the first mention has."""
    known: dict[str, Hit] = {}
    for hit in hits:
        if hit.is_name and hit.rank:
            for word in _WORD.findall(hit.span.of(seen.text)):
                plain = folded(word)
                if not (plain in lists.ordinary or plain in lists.eponyms or plain in lists.places):
                    known.setdefault(plain, hit)
    low = seen.plain
    for plain, met in known.items():
        start = low.find(plain)
        while start >= 0:
            span = Span(start, start + len(plain))
            if not met.span.covers(span) and not seen.text[start].islower() and not (
                    low[start - 1 : start].isalnum() or low[span.end : span.end + 1].isalnum()):
                yield Hit(span=span, replacement=met.replacement, recogniser="name again", rule=met.rule
                          if met.rule.startswith("name of") else "name of a person",
                          why="the text names this person elsewhere", rank=6)
            start = low.find(plain, span.end)
