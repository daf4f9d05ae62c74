"""Sentences and list items, exact to the character, in time linear in the text."""

import re
from collections.abc import Iterator, Sequence

from fhir_adapter.model.reading import Section, Sentence
from fhir_adapter.model.span import Span

_ITEM = re.compile(r"[ \t]*(?:\(?\d{1,2}[.)](?=\s|[A-Z])|[-*•‣◦–](?=\s)|\(?[a-z]\)(?=\s))[ \t]*")
_LABEL = re.compile(r"[ \t]*(?P<label>[A-Z][A-Za-z/&,() -]{1,48}?)[ \t]*:(?!\d)")
_STOP = re.compile(r"[.!?]+[\"')\]]*(?=\s|$|[A-Z][a-z])")
_LAST = re.compile(r"[\w.]+$")
_BREAK = re.compile(r"\n[ \t]*")
_UNIT = re.compile(r"(?:cm|mm|cc|ml|hu|hours?|days?|weeks?|months?|years?|percent|degrees?)\b", re.IGNORECASE)
_LONGEST = 1500
_ABBREVIATIONS = frozenset({"dr.", "mr.", "mrs.", "ms.", "st.", "approx.", "e.g.", "i.e.", "vs.", "fig.", "ca.", "cf.",
                            "resp.", "incl.", "ser.", "im.", "img.", "prof.", "dept.", "lt.", "rt.", "a.m.", "p.m."})


def split(text: str, sections: Sequence[Section]) -> tuple[Sentence, ...]:
    """Split all section bodies into sentences, in order; an organ label ("LIVER:") stays at the head of its sentence.

    A line break ends a sentence before a blank line, a list item or a label, and where the next word would still have
    fitted on the line, which no wrapping leaves open. No sentence is longer than 1,500 characters, so that whatever
    reads them stays linear in the text.
    """
    width = max((len(line) for line in text.splitlines()), default=0)
    return tuple(Sentence(span=span, section=section.kind)
                 for section in sections
                 for block in _blocks(text, section.body, width)
                 for whole in _sentences(text, block)
                 for span in _bounded(text, whole))


def _bounded(text: str, span: Span) -> Iterator[Span]:
    """A sentence as it is, or cut at blanks where it is too long to be one."""
    start = span.start
    while span.end - start > _LONGEST:
        cut = text.rfind(" ", start + 1, start + _LONGEST)
        cut = cut if cut > start else start + _LONGEST
        piece = _trimmed(text, start, cut)
        if piece:
            yield piece
        start = cut
    last = span if start == span.start else _trimmed(text, start, span.end)
    if last:
        yield last


def _blocks(text: str, body: Span, width: int) -> Iterator[Span]:
    """Yield the runs of lines that belong together, without their list marks."""
    start = _after_mark(text, body.start, body.end)
    line_start = body.start
    for match in _BREAK.finditer(text, body.start, body.end):
        after = match.end()
        blank = after < body.end and text[after] == "\n"
        if blank or after >= body.end or _ends_line(text, Span(line_start, match.start()), after, body.end, width):
            if text[start:match.start()].strip():
                yield Span(start, match.start())
            start = max(start, _after_mark(text, after, body.end))
        line_start = match.start() + 1
    if text[start:body.end].strip():
        yield Span(start, body.end)


def _after_mark(text: str, start: int, end: int) -> int:
    mark = _ITEM.match(text, start, end)
    return mark.end() if mark else start


def _ends_line(text: str, line: Span, after: int, end: int, width: int) -> bool:
    first = text[after]
    if _ITEM.match(text, after, end):
        return True
    label = _LABEL.match(text, after, end)
    if label and "\n" not in label["label"]:
        return True
    if not first.isupper() or (text[line.end - 1].isdigit() and _UNIT.match(text, after, end)):
        return False
    word = 0
    while after + word < end and not text[after + word].isspace():
        word += 1
    return len(line) + 1 + word < width or text[line.start:line.end].rstrip().endswith((".", ":", "!", "?"))


def _sentences(text: str, block: Span) -> Iterator[Span]:
    start = block.start
    for match in _STOP.finditer(text, block.start, block.end):
        if match.group() == "." and _goes_on(text, start, match, block.end):
            continue
        span = _trimmed(text, start, match.end())
        if span:
            yield span
        start = match.end()
    span = _trimmed(text, start, block.end)
    if span:
        yield span


def _goes_on(text: str, start: int, stop: re.Match[str], end: int) -> bool:
    last = _LAST.search(text, max(start, stop.start() - 24), stop.end())
    word = last.group().lower() if last else ""
    following = text[stop.end():stop.end() + 2].strip()[:1]
    if word == "no.":
        return following.isdigit()
    if word in _ABBREVIATIONS or (len(word) == 2 and word[0].isalpha() and stop.end() < end and last is not None
                                 and last.group()[0].isupper() and text[max(0, last.start() - 1)] in " (\n"
                                 and not following.islower() and word not in ("l.", "r.")):
        return True
    return len(word.rstrip(".")) <= 2 and word.rstrip(".").isdigit() and stop.start() - start <= 3


def _trimmed(text: str, start: int, end: int) -> Span | None:
    while start < end and text[start].isspace():
        start += 1
    while end > start and text[end - 1].isspace():
        end -= 1
    return Span(start, end) if any(character.isalnum() for character in text[start:end]) else None
