"""How this examination was made: its contrast medium and its modality, as the text tells them."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from fhir_adapter.model.reading import ContrastMention, SectionKind, Sentence, TechniqueMention
from fhir_adapter.model.report import Contrast
from fhir_adapter.model.span import Span
from fhir_adapter.nlp import hints
from fhir_adapter.nlp.mentions import Mention
from fhir_adapter.nlp.once import once
from fhir_adapter.tables.extraction import TechniqueWords

_HERE = {SectionKind.TECHNIQUE, SectionKind.HEADER}
_NEVER = {SectionKind.COMPARISON, SectionKind.INDICATION, SectionKind.RECOMMENDATION, SectionKind.SIGNATURE,
          SectionKind.COMMUNICATION}
_COMPARED = re.compile(r"\b(?:compar\w*|prior|previous|correlat\w*|recent|with\s+the|from|outside|last|dated|"
                       r"recommend\w*)\s+(?:[\w/-]+\s+){0,3}$", re.IGNORECASE)


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
        kinds.append((contrast, re.compile(rf"(?<![\w-])(?:{rows})(?!\w)", re.IGNORECASE)))
    return _Words(kinds=tuple(kinds), here=re.compile(words.here, re.IGNORECASE),
                  other=re.compile(words.other, re.IGNORECASE))


def contrasts(text: str, sentences: Sequence[Sentence], words: TechniqueWords) -> tuple[ContrastMention, ...]:
    """Every mention of contrast medium in this examination, in order; "with and without" is one mention of both."""
    known = _compiled(words)
    return tuple(mention for sentence in hints.hinted(text, sentences, words.hints) if _of_this(text, sentence, known)
                 for mention in _in(text, sentence, known))


def _of_this(text: str, sentence: Sentence, known: _Words) -> bool:
    start, end = sentence.span.start, sentence.span.end
    if sentence.section in _NEVER:
        return False
    if sentence.section in _HERE:
        return True
    return known.here.search(text, start, end) is not None and known.other.search(text, start, end) is None


def _in(text: str, sentence: Sentence, known: _Words) -> list[ContrastMention]:
    made: list[ContrastMention] = []
    for contrast, expression in known.kinds:
        for match in expression.finditer(text, sentence.span.start, sentence.span.end):
            span = Span(*match.span())
            if not any(span.overlaps(m.span) for m in made):
                made.append(ContrastMention(span=span, contrast=contrast, sentence=sentence))
    return sorted(made, key=lambda m: m.span)


def modalities(text: str, mentions: Mapping[Sentence, Sequence[Mention]], sentences: Sequence[Sentence],
               words: TechniqueWords) -> tuple[TechniqueMention, ...]:
    """The modality words of heading and technique, in order; not those of examinations compared with."""
    found = []
    for sentence in sentences:
        if sentence.section not in _HERE:
            continue
        named = [(m.span, m.row.modality, f"targets.json {m.row.literal}") for m in mentions.get(sentence, ())
                 if m.row.category == "MODALITY" and m.row.modality]
        if not named and sentence.section is SectionKind.HEADER:  # "EXAM: US THYROID"; elsewhere "US" may be a word
            named = [(Span(*match.span()), modality, f"technique.yaml {abbreviation}")
                     for abbreviation, modality in words.headings
                     for match in re.finditer(rf"\b{abbreviation}\b", sentence.span.of(text))][:1]
            named = [(span.shifted(sentence.span.start), modality, rule) for span, modality, rule in named]
        found += [TechniqueMention(span=span, modality=modality, sentence=sentence, rule=rule)
                  for span, modality, rule in named
                  if not _COMPARED.search(text[max(sentence.span.start, span.start - 60) : span.start])]
    return tuple(found)
