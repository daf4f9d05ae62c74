"""Whether a clause asks for something, and how: asked, offered, denied, quoted, recalled."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

from fhir_adapter.model.reading import SectionKind, Sentence
from fhir_adapter.model.span import Span
from fhir_adapter.nlp.lower import either, lower
from fhir_adapter.tables.extraction import Cue, RecommendationWords
from fhir_adapter.tables.once import once

_CLAUSE = lower(r"\s*;\s*|,?\s+(?:but|however|although|whereas)\b,?\s*")
_AND = lower(r",?\s+and\s+(?=(?:the|an?|this|these|for|if|\w+ing)\b)|,\s+and\s+")
_IF = lower(r"(?:(?:per|according\s+to)\b[^,;]{0,60},\s*)?(?:if|in\s+case|for)\b")
_STOP = lower(r"(?:[:,]|\s[-–])\s+")
_LEAD = lower(r"(?:(?:and|or|then|otherwise|also|alternatively|therefore|thus|recommendations?|plan|follow-up)\b"
                   r"(?:\s*[,:]|(?=\s))\s*|\W+)*?")
_INHERITS = lower(r"\W*(?:or|and|alternatively|then|if|otherwise|followed|with|thereafter|as)\b")
_SUGGEST = lower(r"suggest(?:s|ing)?")
_ALONE = lower(r"recommend\w*|advis\w*|correlat(?s:.*)|(?s:.*)correlation|(?s:.*)(?:suggest|advise|propose)")


@dataclass(frozen=True, slots=True)
class Words:
    """The compiled table."""

    strong: re.Pattern[str]
    weak: re.Pattern[str]
    offers: re.Pattern[str]
    nominal: re.Pattern[str]
    later: re.Pattern[str]
    imperative: re.Pattern[str]
    negated: re.Pattern[str]
    historical: re.Pattern[str]
    guideline: re.Pattern[str]
    conditional: re.Pattern[str]
    hedging: re.Pattern[str]
    imaging: re.Pattern[str]
    other: re.Pattern[str]
    procedures: re.Pattern[str]
    consultations: re.Pattern[str]
    clinical: re.Pattern[str]
    compared: re.Pattern[str]
    dated: re.Pattern[str]
    guided: re.Pattern[str]
    done_before: re.Pattern[str]
    done_after: re.Pattern[str]
    telling: re.Pattern[str]
    modality: re.Pattern[str]
    """All of `modalities` that look at lower case, in one."""
    modalities: tuple[tuple[str, re.Pattern[str], bool], ...]
    """What names a modality, and whether it looks at the text as it is written."""


@once
def compiled(words: RecommendationWords) -> Words:
    """Compile the table once."""

    def cues(rows: tuple[Cue, ...]) -> re.Pattern[str]:
        return lower(r"\b(?:" + "|".join(row.words for row in rows) + r")(?!\w)")

    return Words(
        strong=cues(words.cues), weak=cues(words.weak),
        offers=cues(tuple(c for c in (*words.cues, *words.weak) if c.option)),
        nominal=lower(words.nominal), later=lower(words.later),
        imperative=lower(words.imperative.removeprefix("^")), negated=lower(words.negated),
        historical=lower(words.historical), guideline=lower(words.guideline), conditional=lower(words.conditional),
        hedging=lower(words.hedging), imaging=lower(rf"\b{words.imaging}(?!\w)"),
        other=lower(rf"\b{words.other}(?!\w)"),
        procedures=lower(rf"\b{words.procedures}"), consultations=lower(rf"\b(?:{words.consultations})(?!\w)"),
        clinical=lower(rf"\b(?:{words.clinical})(?!\w)"), compared=lower(words.compared), dated=lower(words.dated),
        guided=lower(words.guided), done_before=lower(words.done_before), done_after=lower(words.done_after),
        telling=lower(words.telling),
        modality=lower(r"\b(?:" + "|".join(e for _, e, _ in words.modalities if "(?-i" not in e) + r")(?!\w)"),
        modalities=tuple((m, *either(rf"\b(?:{expression})(?!\w)")) for m, expression, _ in words.modalities))


@dataclass(frozen=True, slots=True)
class Clause:
    """A part of a sentence and the words in it that ask for something; `weak` ones need something to ask for."""

    span: Span
    cue: Span | None
    weak: bool = False
    nominal: bool = False


def clauses(low: str, sentence: Sentence, known: Words) -> Iterator[Clause]:
    """The clauses of a sentence; one without a cue of its own goes on with that of the clause before it."""
    last: Clause | None = None
    for span, cue in _parts(low, sentence, known):
        clause = cue or _clause(low, span, known)
        if clause.cue is None and last is not None and last.cue and _INHERITS.match(low, span.start, span.end):
            clause = Clause(clause.span, last.cue, weak=True)
        yield clause
        last = clause


def _parts(low: str, sentence: Sentence, known: Words) -> Iterator[tuple[Span, Clause | None]]:
    """Cut at semicolons and "but", and at an "and" between two cues that ask ("CT is recommended, and X should be");
    with the clause of each that has a cue.
    """
    start = sentence.span.start
    for stop in [*_CLAUSE.finditer(low, sentence.span.start, sentence.span.end), None]:
        end = stop.start() if stop else sentence.span.end
        strong = [m.span() for m in known.strong.finditer(low, start, end)]
        weak = [m.span() for m in known.weak.finditer(low, start, end)]
        cut = start
        for one, other in pairwise(sorted(strong + weak)) if len(strong) + len(weak) > 1 else ():
            joint = _AND.search(low, one[1], other[0])
            if joint:
                yield _cued(low, Span(cut, joint.start()), known)
                cut = joint.end()
        if cut > start:
            if end > cut:
                yield _cued(low, Span(cut, end), known)
        elif end > start:
            span = Span(start, end)
            cue = strong[0] if strong else weak[0] if weak else None
            yield span, Clause(span, Span(*cue), weak=not strong) if cue else None
        start = stop.end() if stop else end


def _cued(low: str, span: Span, known: Words) -> tuple[Span, Clause | None]:
    cue = known.strong.search(low, span.start, span.end)
    if cue:
        return span, Clause(span, Span(*cue.span()))
    cue = known.weak.search(low, span.start, span.end)
    return span, Clause(span, Span(*cue.span()), weak=True) if cue else None


def _clause(low: str, span: Span, known: Words) -> Clause:
    """A clause without a cue: it may begin with an imperative, or name what is to be done."""
    lead = _LEAD.match(low, span.start, span.end)
    at = lead.end() if lead else span.start
    while at < span.end and not low[at].isalnum():
        at += 1
    imperative = known.imperative.match(low, at, span.end)
    if imperative:
        return Clause(span, Span(*imperative.span()), weak=True)
    for place, nouns in [(at, known.nominal), *_later(low, span, at, known)]:
        nominal = nouns.match(low, place, span.end)
        if nominal and known.telling.search(low, place, span.end) is None:
            return Clause(span, Span(*nominal.span()), weak=True, nominal=True)
    return Clause(span, None)


def _later(low: str, span: Span, start: int, known: Words) -> Iterator[tuple[int, re.Pattern[str]]]:
    """Where else the nouns may stand: behind a colon or comma; after "if …," all of them."""
    nouns = known.nominal if _IF.match(low, start, span.end) else known.later
    for stop in _STOP.finditer(low, start, span.end):
        yield stop.end(), nouns


def asks(low: str, clause: Clause, section: SectionKind, *, action: Span | None, timed: bool) -> bool:
    """Whether a clause with this action (None: none named) asks for it."""
    recommending = section is SectionKind.RECOMMENDATION
    if clause.cue is None:
        return recommending and action is not None
    words = clause.cue.of(low)
    if _SUGGEST.fullmatch(words) and not recommending:  # "findings on CT suggest pneumonia"
        return action is not None and 0 <= action.start - clause.cue.end < 50
    if clause.nominal:
        return (action is not None and (timed or recommending)) or (timed and recommending)
    if clause.weak:
        return action is not None
    return action is not None or timed or _ALONE.fullmatch(words) is not None
