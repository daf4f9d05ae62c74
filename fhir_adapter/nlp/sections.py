"""Parts of a report, by the headings of the section table."""

import re
from bisect import bisect_left
from collections.abc import Container, Iterator, Mapping
from dataclasses import dataclass, replace

from fhir_adapter.model.reading import Section, SectionKind
from fhir_adapter.model.span import Span

# A heading stands at the start of a line and ends with a colon, a dash after capitals, or the end of the line.
_LINE = re.compile(r"[ \t]*(?:\*\*|__)?(?:\d{1,2}[.)][ \t]+)?"
                   r"(?P<name>[A-Za-z][A-Za-z0-9 \t/&,()'.-]{0,60}?)(?:\*\*|__)?[ \t]*"
                   r"(?P<end>:+(?!\d)|[ \t]-+[ \t]|(?=[ \t]*$))", re.MULTILINE)
# Reports sent as one long line carry their headings in capitals after a full stop or a run of blanks.
_INLINE = re.compile(r"(?:(?<=[.;:!?\]])[ \t]+|(?<=\S)[ \t]{2,})"
                     r"(?P<name>[A-Z][A-Z /&]{2,40}|[A-Z][a-z]+(?: [A-Za-z]+){0,3}):(?!\d)")
_LONGEST, _REACH = 61, 80  # characters of a heading, and with the marks around it
# Nothing is found in these; a report without a heading for its findings may go straight on to its organs.
# An organ or a side that a line of findings begins with, in reports that name nothing else before it.
_ORGAN = re.compile(r"^[ \t]*(?:(?:left|right|lt|rt)\.?[ \t][^:\n]{2,40}|(?:[a-z]+[ \t])?(?:liver|gallbladder|spleen|"
                    r"pancreas|kidneys?|bladder|uterus|endometrium|ovar(?:y|ies)|prostate|aorta|lungs?|pleura|heart|"
                    r"mediastinum|bones?|brain|ventricles|isthmus|thyroid|menisc(?:i|us)|ligaments|cartilage|alignment))"
                    r"[ \t]*:", re.IGNORECASE | re.MULTILINE)
_BEFORE_FINDINGS = {SectionKind.INDICATION, SectionKind.TECHNIQUE, SectionKind.COMPARISON}
_LEADING = {*_BEFORE_FINDINGS, SectionKind.HEADER}
_AFTER_FINDINGS = {SectionKind.IMPRESSION, SectionKind.RECOMMENDATION, SectionKind.COMMUNICATION, SectionKind.SIGNATURE}
_NEWLINE = re.compile(r"\n([ \t\n]*)")
_WRAPPED = 60  # a line shorter than this was not broken to fit
# A sentence that tells what is seen, behind the sentences of a history in one line.
_TELLING = re.compile(r"(?<=[.?!])\s+(?=There\s+(?:is|are|has)\b|No\s|(?:The\s+)?(?:[A-Za-z]+\s+){1,3}(?:is|are|shows?|"
                      r"demonstrates?|measures?|appears?)\s+(?:\w+\s+){0,3}(?:normal|unremarkable|clear|intact|seen|"
                      r"identified|mild|moderate|marked|minimal|enlarged|noted|\d)|(?:In|Within|On)\s+the\s+(?:left|right)\b)")
_SENTENCE = re.compile(r"[a-z]{2,}[^.\n]*\.(?:\s|$)")


@dataclass(frozen=True, slots=True)
class _Heading:
    span: Span
    kind: SectionKind


def split(text: str, known: Mapping[str, SectionKind]) -> tuple[Section, ...]:
    """Split a text into its sections, without gaps from first character to last; `known` is lower case heading to kind.

    Where no heading that says findings follows, the first unknown heading (an organ, a level) after indication,
    technique or comparison begins them, or else the prose behind the last of these. Text before the first heading is
    HEADER, unless it reads like findings and the report has no section of findings; a text without headings is
    FINDINGS.
    """
    starts = _apart(sorted(_headings(text, known), key=lambda heading: heading.span.start))
    kinds = {heading.kind for heading in starts}
    sections = []
    lead = Span(0, starts[0].span.start if starts else len(text))
    if text[:lead.end].strip():
        told = _SENTENCE.search(text, lead.start, lead.end) is not None and SectionKind.FINDINGS not in kinds
        organ = None if told or not starts or SectionKind.FINDINGS in kinds else _ORGAN.search(text, 0, lead.end)
        kind = SectionKind.FINDINGS if not starts or told else SectionKind.HEADER
        begin = organ.start() if organ else lead.end
        leading = ((kind, Span(0, begin)), (SectionKind.FINDINGS, Span(begin, lead.end)))
        sections += [Section(kind=kind, span=part, body=part) for kind, part in leading if part]
    for heading, following in zip(starts, [*starts[1:], None], strict=False):
        end = following.span.start if following else len(text)
        sections.append(Section(kind=heading.kind, span=Span(heading.span.start, end), body=Span(heading.span.end, end),
                                heading=heading.span if heading.span else None))
    return tuple(_unheaded(text, sections))


def _apart(headings: list[_Heading]) -> list[_Heading]:
    """Without those that begin within another one: blanks in "PAST  MEDICAL HISTORY:" begin no second heading."""
    kept: list[_Heading] = []
    for heading in headings:
        if not kept or heading.span.start >= kept[-1].span.end:
            kept.append(heading)
    return kept


def _headings(text: str, known: Mapping[str, SectionKind]) -> list[_Heading]:
    found: dict[int, _Heading] = {}
    unknown: list[Span] = []
    ends: set[int] = set()
    for line in _lines(text):
        match = _LINE.match(text, line)
        if match is None:
            continue
        name, end = match["name"], match["end"]
        kind = _kind(name, known)
        if kind is None and end.startswith(":"):
            unknown.append(Span(match.start("name"), match.end()))
            if "." not in name and "  " not in name and "\t" not in name:  # nothing within it begins another one
                ends.add(match.end())
        if kind is None or ("-" in end and not name.isupper()):
            continue
        # without a colon only a line of its own in capitals or with a capital is a heading
        if not end and not (name.isupper() or name.istitle()):
            continue
        found[match.start("name")] = _Heading(Span(match.start("name"), match.end()), kind)
        ends.add(match.end())
    for heading in _inline(text, known, ends):
        found.setdefault(heading.span.start, heading)
    _begin_findings(text, found, unknown)
    return list(found.values())


def _lines(text: str) -> Iterator[int]:
    """Where the lines begin that may begin with a heading: not those of prose, with nothing in it to end a heading."""
    line = 0
    while line >= 0:
        end = text.find("\n", line)
        start = text[line : line + _REACH]
        if 0 <= end < line + _REACH or len(start) < _REACH or any(mark in start for mark in (":", "-", "  ", "\t")):
            yield line
        line = end + 1 if end >= 0 else -1


def _inline(text: str, known: Mapping[str, SectionKind], ends: Container[int]) -> Iterator[_Heading]:
    """The headings within lines: what stands before each colon, as far back as a heading may reach; not before the
    `ends` of those at the start of a line.
    """
    before, colon = 0, text.find(":")
    while colon >= 0:
        if colon + 1 in ends:
            before, colon = colon + 1, text.find(":", colon + 1)
            continue
        start = max(before, colon - _LONGEST)
        while start > before and text[start] in " \t":  # blanks may be many
            start -= 1
        match = _INLINE.search(text, start, colon + 2)
        kind = _kind(match["name"], known) if match else None
        if match and kind is not None:
            yield _Heading(Span(match.start("name"), match.end()), kind)
        before, colon = colon + 1, text.find(":", colon + 1)


def _kind(name: str, known: Mapping[str, SectionKind]) -> SectionKind | None:
    return known.get(" ".join(name.replace(".", " ").split()).lower())


def _unheaded(text: str, parts: list[Section]) -> list[Section]:
    """The same sections; of a report without findings, the prose after its last line of history, technique, comparison
    or header is them: it begins after a blank line, after a line that is over, or with a sentence that tells.
    """
    kinds = [part.kind for part in parts]
    if any(part.kind is SectionKind.FINDINGS and (part.heading or not n) for n, part in enumerate(parts)):
        return parts
    stop = next((n for n, kind in enumerate(kinds) if kind in _AFTER_FINDINGS or kind is SectionKind.FINDINGS),
                len(kinds))
    last = next((n for n in range(stop - 1, -1, -1) if kinds[n] in _LEADING), None)
    begin = _prose(text, parts[last].body) if last is not None else None
    if last is None or begin is None:
        return parts
    part = parts[last]
    told = Span(begin, part.span.end)
    return [*parts[:last], replace(part, span=Span(part.span.start, begin), body=Span(part.body.start, begin)),
            Section(kind=SectionKind.FINDINGS, span=told, body=told), *parts[last + 1:]]


def _prose(text: str, body: Span) -> int | None:
    said = body.start
    while said < body.end and text[said].isspace():
        said += 1
    line = said
    for stop in _NEWLINE.finditer(text, said, body.end):
        before, after = text[line:stop.start()].rstrip(), stop.end()
        over = "\n" in stop.group(1) or (text[after:after + 1].isupper() and (
            before.endswith((".", "?", ":")) or len(before) < _WRAPPED))
        if over and _SENTENCE.search(text, after, body.end):
            return after
        line = after
    if "\n" not in text[said:body.end].rstrip():
        told = _TELLING.search(text, said, body.end)
        return told.end() if told else None
    return None


def _begin_findings(text: str, found: dict[int, _Heading], unknown: list[Span]) -> None:
    """An organ's heading after indication, technique or comparison begins the findings, if no heading that says
    "findings" is still to come ("LIMITATIONS: None. LIVER: …" goes on with them). It stays at the head of its sentence.
    """
    starts = sorted(found)
    last = max((start for start in starts if found[start].kind is SectionKind.FINDINGS), default=-1)
    for span in unknown:
        before = bisect_left(starts, span.start) - 1
        kind = found[starts[before]].kind if before >= 0 and span.start > last else None
        if kind in _BEFORE_FINDINGS or (kind is SectionKind.HEADER and _ORGAN.match(text, span.start)):
            if span.start not in found:
                starts.insert(before + 1, span.start)
            found[span.start] = _Heading(Span(span.start, span.start), SectionKind.FINDINGS)
