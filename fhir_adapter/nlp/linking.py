"""
Which site and which side belong to a finding, in its own sentence.

In this order: what its own words name ("rib fracture"), what stands before it in its noun phrase ("left lower lobe
nodule"), what follows behind a preposition ("nodule in the left lower lobe"), also past findings that are joined with
it ("atelectasis or effusion on the left"), what a finding joined before it has, and what the sentence is about
("LIVER: …").
"""

import re
from bisect import bisect_left, bisect_right
from collections.abc import Sequence

from fhir_adapter.model.span import Span
from fhir_adapter.nlp.lower import lower

_FAR = 90
# Possessive (*+, ++) where one character repeats: a gap that does not fit is given up at once, whatever it holds.
# Groups are not, because Python matches possessive groups wrongly before 3.11.5 (cpython issue 106052), and need not
# be: what may repeat begins with other characters than what may follow.
_JOIN = lower(
    r"[\s,/]*+(?:(?:and|or|nor|and/or|with|plus)\b)?[\s,/]*+"
    r"(?:(?!(?:in|on|at|of|within|is|are|was|were|but|there|except|other|besides)\b)[\w'-]++\s++){0,3}")
_PHRASE = lower(
    r"(?:[\s/'-]|(?<=\d)\.(?=\d)|\b(?:and|or)\b(?=\s+(?:left|right|\w+\s+lobe|\w+al|\w+ar)\b)|"
    r"\b(?!(?:in|on|at|of|within|is|are|was|were|has|have|with|without|no|but|there|which|and|or|to|from|shows?|"
    r"demonstrates?|contains?)\b)\w++)*")
# "the left tube is occluded", "the bile ducts are not dilated"
_PREDICATE = lower(r"\s++(?:is|are|was|were|appears?|remains?)\s++"
                        r"(?:(?:not|also|now|again|borderline|\w+ly)\s++)*")
_BEHIND = lower(r"\b(?:in|on|at|of|within|involving|along|near|to|from|through|throughout|over|overlying|into|"
                     r"about|around|adjacent\s+to|affecting|for)\b|\(|^[\s,-]*+$")
_LABELLED = re.compile(r"^\s*#?\d{0,2}\s*:\s*(?:[\w .-]+,)?(?=\s*\S{0,24}\s*$)")
_CLAUSE = lower(r"[;:]|\.\s|,\s+(?:with|but|and)\b|\b(?:but|there\s+(?:is|are)|which|without|no|however)\b")
_TOGETHER = lower(r"(?:\s+(?:upper|lower|middle|mid|medial|lateral|anterior|posterior|frontal|parietal|"
                       r"temporal|occipital|superior|inferior|proximal|distal)(?=\s+(?:and|or)\b)|(?<=\W))?"
                       r"[\s,/&]*+(?:\b(?:and|or|as\s+well\s+as|to)\b)?[\s,/]*+"
                       r"(?:\b(?:the|both|in|of|left|right|mild|moderate|severe|minimal|marked|small|large|trace)\b"
                       r"\s*+)*")
_SUBJECT = lower(r"(?:\w+(?:\s*#?\d{1,2}|(?:\s\w+)?)\s*:\s*)?(?:[\s\d.)(-]|\b(?:the|there|an?|both|bilateral|left|"
                      r"right|within|in|on|at|evaluation|examination|of|visualized|imaged|patient's|and|no|is|are)\b)*")


class Linker:
    """One sentence of a text in lower case: its findings and the places (sites or side words) that may belong to them,
    both in order.
    """

    __slots__ = ("_ends", "_low", "_sentence", "_starts", "findings")

    def __init__(self, low: str, sentence: Span, findings: Sequence[Span], places: Sequence[Span]) -> None:
        self._low, self._sentence, self.findings = low, sentence, findings
        self._starts = [place.start for place in places]
        self._ends = [place.end for place in places]

    def of(self, number: int) -> tuple[int, ...]:
        """The places of the finding of that number, the nearest first; empty where the sentence names none for it."""
        if not self._starts:
            return ()
        return self._before(number) or self._after(number) or self._joined(number) or self._subject(number)

    def near(self, number: int) -> tuple[int, ...]:
        """Only those in its own noun phrase or behind a preposition."""
        if not self._starts:
            return ()
        return self._before(number) or self._after(number)

    def _before(self, number: int) -> tuple[int, ...]:
        start = self.findings[number].start
        near = bisect_right(self._ends, start) - 1
        if near < 0:
            return ()
        end = self._ends[near]
        earlier = self.findings[number - 1].end if number else -1
        if start - end > _FAR or earlier > end:
            return ()
        gap = self._low[end:start]
        if gap != " " and not (_PHRASE.fullmatch(gap) or _PREDICATE.fullmatch(gap)):
            return ()
        first = near
        while first > 0 and self._together(first - 1) and self._starts[first - 1] >= earlier:
            first -= 1
        return tuple(range(near, first - 1, -1))

    def _after(self, number: int) -> tuple[int, ...]:
        findings, mention = self.findings, self.findings[number]
        end = mention.end
        near = bisect_left(self._starts, end)
        if near == len(self._starts):
            return ()
        start = self._starts[near]
        following = number + 1
        while following < len(findings) and findings[following].start < start:
            if not _JOIN.fullmatch(self._low, end, findings[following].start):
                return ()
            end = findings[following].end
            following += 1
        gap = self._low[end:start]
        if mention.start == self._sentence.start:
            gap = _LABELLED.sub("", gap)  # "Nodule 1: 8 mm, left upper lobe"
        if len(gap) > _FAR or _CLAUSE.search(gap) or not _BEHIND.search(gap):
            return ()
        last = near
        while last + 1 < len(self._starts) and self._together(last):
            last += 1
        return tuple(range(near, last + 1))

    def _joined(self, number: int) -> tuple[int, ...]:
        findings = self.findings
        if not number or not _JOIN.fullmatch(self._low, findings[number - 1].end, findings[number].start):
            return ()
        if number > 1 and findings[number].start - findings[0].end > 4 * _FAR:
            return self._before(number - 1)
        return self._before(number - 1) or self._joined(number - 1)

    def _subject(self, number: int) -> tuple[int, ...]:
        mention = self.findings[number].start
        start = max(self._sentence.start, self._low.rfind(";", self._sentence.start, mention) + 1)
        first = bisect_left(self._starts, start)
        if first == len(self._starts) or self._starts[first] >= mention:
            return ()
        return (first,) if _SUBJECT.fullmatch(self._low, start, self._starts[first]) else ()

    def _together(self, number: int) -> bool:
        return bool(_TOGETHER.fullmatch(self._low, self._ends[number], self._starts[number + 1]))
