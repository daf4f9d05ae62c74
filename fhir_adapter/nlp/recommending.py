"""Whether a clause asks for something, and how: asked, offered, denied, quoted, recalled."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

from fhir_adapter.model.reading import SectionKind, Sentence
from fhir_adapter.model.span import Span
from fhir_adapter.nlp.once import once
from fhir_adapter.tables.extraction import Cue, RecommendationWords

_CLAUSE = re.compile(r"\s*;\s*|,?\s+(?:but|however|although|whereas)\b,?\s*", re.IGNORECASE)
_AND = re.compile(r",?\s+and\s+(?=(?:the|an?|this|these|for|if|\w+ing)\b)|,\s+and\s+", re.IGNORECASE)
_IF = re.compile(r"(?:(?:per|according\s+to)\b[^,;]{0,60},\s*)?(?:if|in\s+case|for)\b", re.IGNORECASE)
_STOP = re.compile(r"(?:[:,]|\s[-–])\s+")
_LEAD = re.compile(r"(?:(?:and|or|then|otherwise|also|alternatively|therefore|thus|recommendations?|plan|follow-up)\b"
                   r"(?:\s*[,:]|(?=\s))\s*|\W+)*?", re.IGNORECASE)
_INHERITS = re.compile(r"\W*(?:or|and|alternatively|then|if|otherwise|followed|with|thereafter|as)\b", re.IGNORECASE)
_SUGGEST = re.compile(r"suggest(?:s|ing)?", re.IGNORECASE)
_ALONE = re.compile(r"recommend\w*|advis\w*|correlat.*|.*correlation|.*(?:suggest|advise|propose)",
                    re.IGNORECASE | re.DOTALL)


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
    modalities: tuple[tuple[str, re.Pattern[str]], ...]


@once
def compiled(words: RecommendationWords) -> Words:
    """Compile the table once."""

    def one(expression: str) -> re.Pattern[str]:
        return re.compile(expression, re.IGNORECASE)

    def cues(rows: tuple[Cue, ...]) -> re.Pattern[str]:
        return one(r"\b(?:" + "|".join(row.words for row in rows) + r")(?!\w)")

    return Words(
        strong=cues(words.cues), weak=cues(words.weak),
        offers=cues(tuple(c for c in (*words.cues, *words.weak) if c.option)),
        nominal=one(words.nominal), later=one(words.later),
        imperative=one(words.imperative.removeprefix("^")), negated=one(words.negated),
        historical=one(words.historical), guideline=one(words.guideline), conditional=one(words.conditional),
        hedging=one(words.hedging), imaging=one(rf"\b{words.imaging}(?!\w)"), other=one(rf"\b{words.other}(?!\w)"),
        procedures=one(rf"\b{words.procedures}"), consultations=one(rf"\b(?:{words.consultations})(?!\w)"),
        clinical=one(rf"\b(?:{words.clinical})(?!\w)"), compared=one(words.compared), dated=one(words.dated),
        guided=one(words.guided), done_before=one(words.done_before), done_after=one(words.done_after),
        telling=one(words.telling),
        modalities=tuple((m, one(rf"\b(?:{expression})(?!\w)")) for m, expression, _ in words.modalities))


@dataclass(frozen=True, slots=True)
class Clause:
    """A part of a sentence and the words in it that ask for something; `weak` ones need something to ask for."""

    span: Span
    cue: Span | None
    weak: bool = False
    nominal: bool = False


def clauses(text: str, sentence: Sentence, known: Words) -> Iterator[Clause]:
    """The clauses of a sentence; one without a cue of its own goes on with that of the clause before it."""
    last: Clause | None = None
    for span in _parts(text, sentence, known):
        clause = _clause(text, span, known)
        if clause.cue is None and last is not None and last.cue and _INHERITS.match(text, span.start, span.end):
            clause = Clause(clause.span, last.cue, weak=True)
        yield clause
        last = clause


def _parts(text: str, sentence: Sentence, known: Words) -> Iterator[Span]:
    """Cut at semicolons and "but", and at an "and" between two cues that ask ("CT is recommended, and X should be")."""
    start = sentence.span.start
    for stop in [*_CLAUSE.finditer(text, sentence.span.start, sentence.span.end), None]:
        end = stop.start() if stop else sentence.span.end
        cues = sorted([m.span() for m in known.strong.finditer(text, start, end)]
                      + [m.span() for m in known.weak.finditer(text, start, end)])
        for one, other in pairwise(cues):
            joint = list(_AND.finditer(text, one[1], other[0]))
            if joint:
                yield Span(start, joint[0].start())
                start = joint[0].end()
        if end > start:
            yield Span(start, end)
        start = stop.end() if stop else end


def _clause(text: str, span: Span, known: Words) -> Clause:
    strong = known.strong.search(text, span.start, span.end)
    if strong:
        return Clause(span, Span(*strong.span()))
    weak = known.weak.search(text, span.start, span.end)
    if weak:
        return Clause(span, Span(*weak.span()), weak=True)
    lead = _LEAD.match(text, span.start, span.end)
    at = lead.end() if lead else span.start
    while at < span.end and not text[at].isalnum():
        at += 1
    imperative = known.imperative.match(text, at, span.end)
    if imperative:
        return Clause(span, Span(*imperative.span()), weak=True)
    for place, nouns in [(at, known.nominal), *_later(text, span, at, known)]:
        nominal = nouns.match(text, place, span.end)
        if nominal and known.telling.search(text, place, span.end) is None:
            return Clause(span, Span(*nominal.span()), weak=True, nominal=True)
    return Clause(span, None)


def _later(text: str, span: Span, start: int, known: Words) -> Iterator[tuple[int, re.Pattern[str]]]:
    """Where else the nouns may stand: behind a colon or comma; after "if …," all of them."""
    nouns = known.nominal if _IF.match(text, start, span.end) else known.later
    for stop in _STOP.finditer(text, start, span.end):
        yield stop.end(), nouns


def asks(text: str, clause: Clause, section: SectionKind, *, action: Span | None, timed: bool) -> bool:
    """Whether a clause with this action (None: none named) asks for it."""
    recommending = section is SectionKind.RECOMMENDATION
    if clause.cue is None:
        return recommending and action is not None
    words = clause.cue.of(text)
    if _SUGGEST.fullmatch(words) and not recommending:  # "findings on CT suggest pneumonia"
        return action is not None and 0 <= action.start - clause.cue.end < 50
    if clause.nominal:
        return (action is not None and (timed or recommending)) or (timed and recommending)
    if clause.weak:
        return action is not None
    return action is not None or timed or _ALONE.fullmatch(words) is not None
