"""Parts of a report, by the headings of the section table."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from fhir_adapter.model.reading import Section, SectionKind
from fhir_adapter.model.span import Span

# A heading stands at the start of a line and ends with a colon, a dash after capitals, or the end of the line.
_LINE = re.compile(r"^[ \t]*(?:\*\*|__)?(?:\d{1,2}[.)][ \t]+)?"
                   r"(?P<name>[A-Za-z][A-Za-z0-9 \t/&,()'.-]{0,60}?)(?:\*\*|__)?[ \t]*"
                   r"(?P<end>:+(?!\d)|[ \t]-+[ \t]|(?=[ \t]*$))", re.MULTILINE)
# Reports sent as one long line carry their headings in capitals after a full stop or a run of blanks.
_INLINE = re.compile(r"(?:(?<=[.;:!?\]])[ \t]+|(?<=\S)[ \t]{2,})"
                     r"(?P<name>[A-Z][A-Z /&]{2,40}|[A-Z][a-z]+(?: [A-Za-z]+){0,3}):(?!\d)")
_SPACES = re.compile(r"[\s.]+")
# Nothing is found in these; a report without a heading for its findings may go straight on to its organs.
_BEFORE_FINDINGS = {SectionKind.INDICATION, SectionKind.TECHNIQUE, SectionKind.COMPARISON}
_SENTENCE = re.compile(r"[a-z]{2,}[^.\n]*\.(?:\s|$)")


@dataclass(frozen=True, slots=True)
class _Heading:
    span: Span
    kind: SectionKind


def split(text: str, known: Mapping[str, SectionKind]) -> tuple[Section, ...]:
    """Split a text into its sections, without gaps from first character to last; `known` is lower case heading to kind.

    Where no heading that says findings follows, the first unknown heading (an organ, a level) after indication,
    technique or comparison begins them. Text before the first heading is HEADER, unless it reads like findings and the
    report has no section of findings; a text without headings is FINDINGS.
    """
    starts = _headings(text, known)
    starts.sort(key=lambda heading: heading.span.start)
    kinds = {heading.kind for heading in starts}
    sections = []
    lead = Span(0, starts[0].span.start if starts else len(text))
    if text[:lead.end].strip():
        told = _SENTENCE.search(text, lead.start, lead.end) is not None and SectionKind.FINDINGS not in kinds
        kind = SectionKind.FINDINGS if not starts or told else SectionKind.HEADER
        sections.append(Section(kind=kind, span=lead, body=lead))
    for heading, following in zip(starts, [*starts[1:], None], strict=False):
        end = following.span.start if following else len(text)
        sections.append(Section(kind=heading.kind, span=Span(heading.span.start, end),
                                body=Span(heading.span.end, end), heading=heading.span))
    return tuple(sections)


def _headings(text: str, known: Mapping[str, SectionKind]) -> list[_Heading]:
    found: dict[int, _Heading] = {}
    unknown: list[Span] = []
    for match in _LINE.finditer(text):
        name, end = match["name"], match["end"]
        kind = known.get(_SPACES.sub(" ", name).strip().lower())
        if kind is None and end.startswith(":"):
            unknown.append(Span(match.start("name"), match.end()))
        if kind is None or ("-" in end and not name.isupper()):
            continue
        # without a colon only a line of its own in capitals or with a capital is a heading
        if not end and not (name.isupper() or name.istitle()):
            continue
        found[match.start("name")] = _Heading(Span(match.start("name"), match.end()), kind)
    for match in _INLINE.finditer(text):
        kind = known.get(_SPACES.sub(" ", match["name"]).strip().lower())
        if kind is not None:
            found.setdefault(match.start("name"), _Heading(Span(match.start("name"), match.end()), kind))
    _begin_findings(found, unknown)
    return list(found.values())


def _begin_findings(found: dict[int, _Heading], unknown: list[Span]) -> None:
    """An organ's heading after indication, technique or comparison begins the findings, if no heading that says
    "findings" is still to come ("LIMITATIONS: None. LIVER: …" goes on with them).
    """
    last = max((start for start, heading in found.items() if heading.kind is SectionKind.FINDINGS), default=-1)
    for span in unknown:
        before = max((start for start in found if start < span.start), default=None)
        if before is not None and span.start > last and found[before].kind in _BEFORE_FINDINGS:
            found[span.start] = _Heading(span, SectionKind.FINDINGS)
