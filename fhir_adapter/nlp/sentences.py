"""Sentences and list items, exact to the character, in time linear in the text."""

import re
from collections.abc import Iterator, Sequence

from fhir_adapter.model.reading import Section, Sentence
from fhir_adapter.model.span import Span

_ITEM = re.compile(r"[ \t]*(?:\(?\d{1,2}[.)](?=\s|[A-Z])|[-*•‣◦–](?=\s)|\(?[a-z]\)(?=\s))[ \t]*")
_LABEL = re.compile(r"[ \t]*(?P<label>[A-Z][A-Za-z/&,() -]{1,48}?)[ \t]*:(?!\d)")
_STOP = re.compile(r"[.!?]+[\"')\]]*(?=\s|$|[A-Z][a-z])")
_BREAK = re.compile(r"\n[ \t]*")
_UNIT = re.compile(r"(?:cm|mm|cc|ml|hu|hours?|days?|weeks?|months?|years?|percent|degrees?)\b", re.IGNORECASE)
_LONGEST, _WORD = 1500, 24
_ABBREVIATIONS = frozenset({"dr.", "mr.", "mrs.", "ms.", "st.", "approx.", "e.g.", "i.e.", "vs.", "fig.", "ca.", "cf.",
                            "resp.", "incl.", "ser.", "im.", "img.", "prof.", "dept.", "lt.", "rt.", "a.m.", "p.m."})

Place = tuple[int, int]


def split(text: str, sections: Sequence[Section]) -> tuple[Sentence, ...]:
    """Split all section bodies into sentences, in order; an organ label ("LIVER:") stays at the head of its sentence.

    A line break ends a sentence before a blank line, a list item or a label, and where the next word would still have
    fitted on the line, which no wrapping leaves open. No sentence is longer than 1,500 characters, so that whatever
    reads them stays linear in the text.
    """
    width = max(map(len, text.splitlines()), default=0)
    return tuple([Sentence(span=Span(start, end), section=section.kind)
                  for section in sections
                  for block in _blocks(text, section.body.start, section.body.end, width)
                  for whole in _sentences(text, *block)
                  for start, end in (_bounded(text, *whole) if whole[1] - whole[0] > _LONGEST else (whole,))])


def _bounded(text: str, start: int, end: int) -> Iterator[Place]:
    """A sentence that is too long to be one, cut at blanks."""
    while end - start > _LONGEST:
        cut = text.rfind(" ", start + 1, start + _LONGEST)
        cut = cut if cut > start else start + _LONGEST
        piece = _trimmed(text, start, cut)
        if piece:
            yield piece
        start = cut
    last = _trimmed(text, start, end)
    if last:
        yield last


def _blocks(text: str, body: int, end: int, width: int) -> Iterator[Place]:
    """Yield the runs of lines that belong together, without their list marks."""
    start = _after_mark(text, body, end)
    line = body
    for match in _BREAK.finditer(text, body, end):
        stop, after = match.span()
        if after >= end or text[after] == "\n" or _ends_line(text, line, stop, after, end, width):
            if start < stop and not text[start:stop].isspace():
                yield start, stop
            start = max(start, _after_mark(text, after, end))
        line = stop + 1
    if start < end and not text[start:end].isspace():
        yield start, end


def _after_mark(text: str, start: int, end: int) -> int:
    mark = _ITEM.match(text, start, end)
    return mark.end() if mark else start


def _ends_line(text: str, line: int, stop: int, after: int, end: int, width: int) -> bool:
    """Whether the line [line, stop) is over, with what follows at `after`."""
    first = text[after]
    if _ITEM.match(text, after, end):
        return True
    if not first.isupper():
        return False
    if _LABEL.match(text, after, end):
        return True
    if text[stop - 1].isdigit() and _UNIT.match(text, after, end):
        return False
    word = after
    while word < end and not text[word].isspace():
        word += 1
    return stop - line + 1 + word - after < width or text[line:stop].rstrip().endswith((".", ":", "!", "?"))


def _sentences(text: str, start: int, end: int) -> Iterator[Place]:
    for match in _STOP.finditer(text, start, end):
        stop = match.end()
        if stop - match.start() == 1 and match.group() == "." and _goes_on(text, start, stop, end):
            continue
        span = _trimmed(text, start, stop)
        if span:
            yield span
        start = stop
    if start < end:
        span = _trimmed(text, start, end)
        if span:
            yield span


def _goes_on(text: str, start: int, stop: int, end: int) -> bool:
    """Whether the full stop before `stop` is no end: of an abbreviation, an initial, the number of an item."""
    first = stop - 1
    while first > start and stop - first <= _WORD and ((before := text[first - 1]).isalnum() or before in "._"):
        first -= 1
    word = text[first:stop].lower()
    if len(word) == 2 and word[0].isalpha() and stop < end and text[first].isupper() and (
            text[max(0, first - 1)] in " (\n" and word not in ("l.", "r.")):
        return not text[stop : stop + 2].strip()[:1].islower()
    if word == "no.":
        return text[stop : stop + 2].strip()[:1].isdigit()
    if word in _ABBREVIATIONS:
        return True
    plain = word.rstrip(".")
    return len(plain) <= 2 and plain.isdigit() and stop - 1 - start <= 3


def _trimmed(text: str, start: int, end: int) -> Place | None:
    """Without the blanks around it; None where no letter or digit is left."""
    while start < end and text[start].isspace():
        start += 1
    while end > start and text[end - 1].isspace():
        end -= 1
    if start < end and (text[start].isalnum() or any(map(str.isalnum, text[start:end]))):
        return start, end
    return None
