"""What the report says of one finding: the clauses around its mentions and the sentences that go on about it."""

import re
from collections.abc import Iterator, Sequence

from fhir_adapter.insights.case import Case
from fhir_adapter.insights.places import following, within
from fhir_adapter.model.reading import Finding, Sentence
from fhir_adapter.model.span import Span

_SEPARATOR = re.compile(r"[,;]|\band\b", re.IGNORECASE)
_SENTENCES = 6
_DENIAL = re.compile(r"\b(?:no|not|non|without|never|absent|denies|denied|negative\s+for|free\s+of)\b[^.;:,]{0,30}$",
                     re.IGNORECASE)
# Words for a thing without saying where it is; they go on about what was named before.
_GENERAL = frozenset({"27925004", "4147007", "52988006", "367643001", "18115005"})


def about(case: Case, group: tuple[Finding, ...], others: tuple[Finding, ...], going_on: re.Pattern[str]) -> (
        tuple[Span, ...]):
    """The stretches of text about a finding; `group` are its mentions, `others` the findings that it may be mixed with.

    A sentence with two of them is parted at the comma, semicolon or "and" between them. The sentences after it belong
    to it as long as they name nothing else and `going_on` (the guideline's words) or "it" stands in them.
    """
    spans: list[Span] = []
    for finding in group:
        here = within(others, finding.sentence.span)
        spans.append(_clause(case.text, finding, here))
        if all(other.span.start <= finding.span.start for other in here):
            spans += _more(case, finding, others, going_on)
    return tuple(dict.fromkeys(spans))


def denied(text: str, start: int, within: Span) -> bool:
    """Whether the words before `start` deny what follows."""
    return bool(_DENIAL.search(text, within.start, start))


def _clause(text: str, finding: Finding, here: Sequence[Finding]) -> Span:
    """The part of its sentence that is about a finding, where the others `here` are in it too."""
    whole = finding.sentence.span
    before = [o for o in here if o.span.end <= finding.span.start]
    after = [o for o in here if o.span.start >= finding.span.end]
    start = _border(text, before[-1], finding) if before else whole.start
    end = _border(text, finding, after[0]) if after else whole.end
    return Span(start, max(start, end))


def _border(text: str, first: Finding, second: Finding) -> int:
    """Where the words about the second begin: before its own size, if that stands between the two."""
    own = [m.span.start for m in second.measurements if first.span.end <= m.span.start < second.span.start]
    until = min([*own, second.span.start])
    marks = [m.start() for m in _SEPARATOR.finditer(text, first.span.end, until)]
    return marks[-1] if marks else until


def _more(case: Case, finding: Finding, others: tuple[Finding, ...], going_on: re.Pattern[str]) -> Iterator[Span]:
    sentences = case.reading.sentences
    next_one = following(sentences, finding.sentence.span.end)
    for sentence in sentences[next_one:next_one + _SENTENCES]:
        if sentence.section is not finding.sentence.section or not _goes_on(case, sentence, others, going_on):
            return
        yield sentence.span


def _goes_on(case: Case, sentence: Sentence, others: tuple[Finding, ...], going_on: re.Pattern[str]) -> bool:
    if not all(_general(other) for other in within(others, sentence.span)):
        return False
    named = within(case.reading.findings, sentence.span)
    words = [Span(*m.span()) for m in going_on.finditer(case.text, sentence.span.start, sentence.span.end)]
    if any(not _general(f) and not any(f.span.overlaps(w) for w in words) for f in named):
        return False
    return bool(words) or bool(named)


def _general(finding: Finding) -> bool:
    return finding.concept.code in _GENERAL and not finding.sites
