"""What the report says of one finding: the clauses around its mentions and the sentences that go on about it."""

import re
from collections.abc import Iterator

from fhir_adapter.model.reading import Finding, Reading, Sentence
from fhir_adapter.model.span import Span

_SEPARATOR = re.compile(r"[,;]|\band\b", re.IGNORECASE)
_SENTENCES = 6
_DENIAL = re.compile(r"\b(?:no|not|non|without|never|absent|denies|denied|negative\s+for|free\s+of)\b[^.;:,]{0,30}$",
                     re.IGNORECASE)
# Words for a thing without saying where it is; they go on about what was named before.
_GENERAL = frozenset({"27925004", "4147007", "52988006", "367643001", "18115005"})


def about(reading: Reading, group: tuple[Finding, ...], others: tuple[Finding, ...], going_on: re.Pattern[str]) -> (
        tuple[Span, ...]):
    """The stretches of text about a finding; `group` are its mentions, `others` the findings that it may be mixed with.

    A sentence with two of them is parted at the comma, semicolon or "and" between them. The sentences after it belong
    to it as long as they name nothing else and `going_on` (the guideline's words) or "it" stands in them.
    """
    spans: list[Span] = []
    for finding in group:
        spans.append(_clause(reading, finding, others))
        if all(other.span.start <= finding.span.start or other.sentence != finding.sentence for other in others):
            spans += _more(reading, finding, others, going_on)
    return tuple(dict.fromkeys(spans))


def denied(text: str, start: int, within: Span) -> bool:
    """Whether the words before `start` deny what follows."""
    return bool(_DENIAL.search(text, within.start, start))


def _clause(reading: Reading, finding: Finding, others: tuple[Finding, ...]) -> Span:
    whole = finding.sentence.span
    here = sorted((o for o in others if o.sentence == finding.sentence and not o.span.overlaps(finding.span)),
                  key=lambda o: o.span.start)
    before = [o for o in here if o.span.start < finding.span.start]
    after = [o for o in here if o.span.start > finding.span.start]
    text = reading.report.text
    start = _border(text, before[-1], finding) if before else whole.start
    end = _border(text, finding, after[0]) if after else whole.end
    return Span(start, max(start, end))


def _border(text: str, first: Finding, second: Finding) -> int:
    """Where the words about the second begin: before its own size, if that stands between the two."""
    own = [m.span.start for m in second.measurements if first.span.end <= m.span.start < second.span.start]
    until = min([*own, second.span.start])
    marks = [m.start() for m in _SEPARATOR.finditer(text, first.span.end, until)]
    return marks[-1] if marks else until


def _more(reading: Reading, finding: Finding, others: tuple[Finding, ...], going_on: re.Pattern[str]) -> Iterator[Span]:
    following = [s for s in reading.sentences if s.span.start >= finding.sentence.span.end]
    for sentence in following[:_SENTENCES]:
        if sentence.section is not finding.sentence.section or not _goes_on(reading, sentence, others, going_on):
            return
        yield sentence.span


def _goes_on(reading: Reading, sentence: Sentence, others: tuple[Finding, ...], going_on: re.Pattern[str]) -> bool:
    named = [f for f in reading.findings if f.sentence == sentence]
    if any(o.sentence == sentence and not _general(o) for o in others):
        return False
    words = [Span(*m.span()) for m in going_on.finditer(reading.report.text, sentence.span.start, sentence.span.end)]
    if any(not _general(f) and not any(f.span.overlaps(w) for w in words) for f in named):
        return False
    return bool(words) or bool(named)


def _general(finding: Finding) -> bool:
    return finding.concept.code in _GENERAL and not finding.sites
