"""Left, right and both: the words, and which site they belong to."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from fhir_adapter.model.report import Side
from fhir_adapter.model.span import Span

_SIDE = re.compile(
    r"\b(?P<both>bilateral(?:ly)?|(?:left|right)\s+and\s+(?:left|right)|both|left\s*/\s*right|right\s*/\s*left|biapical|"
    r"bibasilar|bibasal)\b|\b(?P<left>left(?:-sided)?|lt|(?-i:LUL|LLL|LUQ|LLQ|L(?=\s+(?!spine)[a-z])))\b|"
    r"\b(?P<right>right(?:-sided)?|rt|(?-i:RUL|RML|RLL|RUQ|RLQ|R(?=\s+(?!spine)[a-z])))\b",
    re.IGNORECASE)
# Words where a side is no laterality of a finding.
_NO_SIDE_AFTER = re.compile(r"\s+(?:ventric|atri|heart|bundle|away|to\s+left|to\s+right|shift|lateral\s+decubitus|"
                            r"now|hand\s+dominant|handed|coronary)", re.IGNORECASE)
# Nor where it is a direction: "shifted to the right", "from left to right".
_NO_SIDE_BEFORE = re.compile(
    r"\b(?:(?:shift|deviat|displace|rotat|convex|direct|bow|curv|angulat|tilt|concav)\w*\s+(?:of\s+[\w\s]{1,24}\s+)?"
    r"to(?:wards?)?|towards?|from\s+left\s+to)\s+(?:the\s+)?$", re.IGNORECASE)
_COMPARISON = re.compile(
    r"\b(?:contralateral|compared\s+(?:to|with)|in\s+comparison\s+(?:to|with)|relative\s+to|asymmetric\s+(?:to|with)|"
    r"(?:greater|larger|smaller|worse|more|less|higher|lower)\s+(?:on\s+the\s+\w+\s+)?than|unlike|opposite)\b",
    re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class SideWord:
    """One side word of the text."""

    span: Span
    side: Side


def words(text: str, within: Span) -> tuple[SideWord, ...]:
    """The side words in a stretch of text, in order."""
    return tuple(_words(text, within))


def _words(text: str, within: Span) -> Iterator[SideWord]:
    for match in _SIDE.finditer(text, within.start, within.end):
        if match.lastgroup != "both" and (
                _NO_SIDE_AFTER.match(text, match.end())
                or _NO_SIDE_BEFORE.search(text[max(within.start, match.start() - 48) : match.start()])):
            continue
        side = {"both": Side.BILATERAL, "left": Side.LEFT, "right": Side.RIGHT}[str(match.lastgroup)]
        yield SideWord(Span(*match.span()), side)


def of(place: Span, candidates: Sequence[SideWord], reach: int = 30) -> SideWord | None:
    """The side word that belongs to what stands at `place`: just before it, inside it, or just after it."""
    inside = [w for w in candidates if place.covers(w.span)]
    if inside:
        return inside[0]
    before = [w for w in candidates if 0 <= place.start - w.span.end <= reach]
    if before:
        return before[-1]
    after = [w for w in candidates if 0 <= w.span.start - place.end <= reach]
    return after[0] if after else None


def compares(text: str, sentence: Span) -> bool:
    """Whether a sentence looks at the other side only to compare."""
    return _COMPARISON.search(text, sentence.start, sentence.end) is not None
