"""How this examination was made: its contrast medium and its modality, as the text tells them."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from fhir_adapter.model.reading import ContrastMention, SectionKind, Sentence, TechniqueMention
from fhir_adapter.model.report import Contrast
from fhir_adapter.model.span import Span
from fhir_adapter.nlp import marks
from fhir_adapter.nlp.lower import lower
from fhir_adapter.nlp.mentions import Mention
from fhir_adapter.nlp.page import Page
from fhir_adapter.tables.extraction import TechniqueWords
from fhir_adapter.tables.once import once

_HERE = {SectionKind.TECHNIQUE, SectionKind.HEADER}
_NEVER = {SectionKind.COMPARISON, SectionKind.INDICATION, SectionKind.RECOMMENDATION, SectionKind.SIGNATURE,
          SectionKind.COMMUNICATION}
_COMPARED = lower(r"\b(?:compar\w*|prior|previous|correlat\w*|recent|with\s+the|from|outside|last|dated|"
                       r"recommend\w*)\s+(?:[\w/-]+\s+){0,3}$")


@dataclass(frozen=True, slots=True)
class _Words:
    kinds: tuple[tuple[Contrast, re.Pattern[str]], ...]
    here: re.Pattern[str]
    other: re.Pattern[str]


@once
def _compiled(words: TechniqueWords) -> _Words:
    kinds = []
    for contrast in (Contrast.BOTH, Contrast.WITHOUT, Contrast.WITH):
        rows = "|".join(expression for kind, expression, _ in words.contrasts if kind is contrast)
        kinds.append((contrast, lower(rf"(?<![\w-])(?:{rows})(?!\w)")))
    return _Words(kinds=tuple(kinds), here=lower(words.here),
                  other=lower(words.other))


def contrasts(page: Page, words: TechniqueWords) -> tuple[ContrastMention, ...]:
    """Every mention of contrast medium in this examination, in order; "with and without" is one mention of both."""
    known = _compiled(words)
    likely = (page.sentences[number] for number in page.holding(marks.CONTRAST))
    return tuple(mention for sentence in likely if _of_this(page.low, sentence, known)
                 for mention in _in(page.low, sentence, known))


def _of_this(low: str, sentence: Sentence, known: _Words) -> bool:
    start, end = sentence.span.start, sentence.span.end
    if sentence.section in _NEVER:
        return False
    if sentence.section in _HERE:
        return True
    return known.here.search(low, start, end) is not None and known.other.search(low, start, end) is None


def _in(low: str, sentence: Sentence, known: _Words) -> list[ContrastMention]:
    made: list[ContrastMention] = []
    for contrast, expression in known.kinds:
        for match in expression.finditer(low, sentence.span.start, sentence.span.end):
            span = Span(*match.span())
            if not any(span.overlaps(m.span) for m in made):
                made.append(ContrastMention(span=span, contrast=contrast, sentence=sentence))
    return sorted(made, key=lambda m: m.span)


def modalities(page: Page, mentions: Sequence[Sequence[Mention]], words: TechniqueWords
               ) -> tuple[TechniqueMention, ...]:
    """The modality words of heading and technique, in order; not those of examinations compared with."""
    found = []
    for sentence, local in zip(page.sentences, mentions, strict=True):
        if sentence.section not in _HERE:
            continue
        named = [(m.span, m.row.modality, f"targets.json {m.row.literal}") for m in local
                 if m.row.category == "MODALITY" and m.row.modality]
        if not named and sentence.section is SectionKind.HEADER:  # "EXAM: US THYROID"; elsewhere "US" may be a word
            named = [(Span(*match.span()), modality, f"technique.yaml {abbreviation}")
                     for abbreviation, modality in words.headings
                     for match in re.finditer(rf"\b{abbreviation}\b", sentence.span.of(page.text))][:1]
            named = [(span.shifted(sentence.span.start), modality, rule) for span, modality, rule in named]
        found += [TechniqueMention(span=span, modality=modality, sentence=sentence, rule=rule)
                  for span, modality, rule in named
                  if not _COMPARED.search(page.low[max(sentence.span.start, span.start - 60) : span.start])]
    return tuple(found)
