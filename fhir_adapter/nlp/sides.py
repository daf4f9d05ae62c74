"""Left, right and both: the words, and which site they belong to."""

import re
from collections.abc import Sequence
from typing import NamedTuple

from fhir_adapter.model.report import Side
from fhir_adapter.model.span import Span
from fhir_adapter.nlp import marks
from fhir_adapter.nlp.lower import lower
from fhir_adapter.nlp.page import Page

# Vessels and other names in capitals, before which L and R are sides.
_CAPITALS = r"(?:UVJ|UPJ|VUJ|ICA|CCA|MCA|ACA|PCA|CFV|SFV|IJ|CP|MCP|ACL|SI|AC)\b"
_SIDE = re.compile(
    r"\b(?P<both>bilateral(?:ly)?|(?:left|right)\s+(?:and|(?:greater|larger|worse|more|less|smaller)\s+than)\s+"
    r"(?:left|right)|both|left\s*/\s*right|right\s*/\s*left|biapical|bibasilar|bibasal|either\s+(?:breast|kidney|lung|"
    r"ovary|adnexa|testis|testicle|hip|knee|side|eye|ear|hemisphere))\b|"
    rf"\b(?P<left>left(?:-sided)?|lt|(?-i:LUL|LLL|LUQ|LLQ|L(?=\s+(?:(?!spine)[a-z]|{_CAPITALS}))))\b|"
    rf"\b(?P<right>right(?:-sided)?|rt|(?-i:RUL|RML|RLL|RUQ|RLQ|R(?=\s+(?:(?!spine)[a-z]|{_CAPITALS}))))\b",
    re.IGNORECASE)
_LETTER = re.compile(rf"[LR](?=\s+(?:(?!spine)[a-z]|{_CAPITALS}))")
# Words where a side is no laterality of a finding.
_NO_SIDE_AFTER = lower(r"\s+(?:ventric|atri|heart|bundle|away|to\s+left|to\s+right|shift|lateral\s+decubitus|"
                       r"now|hand\s+dominant|handed|coronary)")
# Nor where it is a direction: "shifted to the right", "from left to right".
_NO_SIDE_BEFORE = lower(
    r"\b(?:(?:shift|deviat|displace|rotat|convex|direct|bow|curv|angulat|tilt|concav)\w*\s+(?:of\s+[\w\s]{1,24}\s+)?"
    r"to(?:wards?)?|towards?|from\s+left\s+to)\s+(?:the\s+)?$")
_TO = ("to", "the", "toward", "towards")
_COMPARISON = lower(
    r"\b(?:contralateral|compared\s+(?:to|with)|in\s+comparison\s+(?:to|with)|relative\s+to|asymmetric\s+(?:to|with)|"
    r"(?:greater|larger|smaller|worse|more|less|higher|lower)\s+(?:on\s+the\s+\w+\s+)?than|unlike|opposite)\b")
_NAMES = {"both": Side.BILATERAL, "left": Side.LEFT, "right": Side.RIGHT}


class SideWord(NamedTuple):
    """One side word of the text."""

    span: Span
    side: Side


def words(page: Page, within: Span) -> tuple[SideWord, ...]:
    """The side words in a stretch of text, in order."""
    return tuple(_read(match) for match in _SIDE.finditer(page.text, within.start, within.end)
                 if _counts(page.low, match, within))


def of_page(page: Page) -> list[tuple[SideWord, ...]]:
    """The side words of each sentence, in order."""
    out: list[tuple[SideWord, ...]] = [()] * len(page.sentences)
    number = end = 0
    for at in _places(page):
        while number < len(out) and page.sentences[number].span.end <= at:
            number += 1
        if number == len(out):
            break
        within = page.sentences[number].span
        match = _SIDE.match(page.text, at, within.end) if at >= max(end, within.start) else None
        if match is not None:
            end = match.end()
            if _counts(page.low, match, within):
                out[number] += (_read(match),)
    return out


def _places(page: Page) -> Sequence[int]:
    """Where a side word may begin: at its mark, or at the letter alone."""
    letters = [match.start() for match in _LETTER.finditer(page.text)]
    return sorted([*page.sides, *letters]) if letters else page.sides


def _read(match: re.Match[str]) -> SideWord:
    return SideWord(Span(*match.span()), _NAMES[str(match.lastgroup)])


def _counts(low: str, match: re.Match[str], within: Span) -> bool:
    """Whether a side word is one of laterality."""
    if match.lastgroup == "both":
        return True
    start, end = match.span()
    if _NO_SIDE_AFTER.match(low, end):
        return False
    before = low[max(within.start, start - 48) : start]
    return not before.rstrip().endswith(_TO) or _NO_SIDE_BEFORE.search(before) is None


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


def compares(page: Page, number: int) -> bool:
    """Whether a sentence looks at the other side only to compare."""
    span = page.sentences[number].span
    return page.marked[number] & marks.COMPARISON != 0 and _COMPARISON.search(
        page.low, span.start, span.end) is not None
