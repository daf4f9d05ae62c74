"""The patient's age and sex as the text tells them."""

import re
from collections.abc import Iterator, Sequence

from fhir_adapter.model.reading import AgeMention, SectionKind, Sentence, SexMention
from fhir_adapter.model.report import Age, AgeUnit
from fhir_adapter.model.span import Span
from fhir_adapter.nlp.phrases import pattern
from fhir_adapter.tables.language import LanguageTables

_UNITS = {"y": AgeUnit.YEARS, "m": AgeUnit.MONTHS, "w": AgeUnit.WEEKS, "d": AgeUnit.DAYS}
_AGE = re.compile(
    r"\b(?P<n>\d{1,3})(?P<plus>\+)?[\s-]*(?P<unit>years?|yrs?|y|months?|mos?|weeks?|wks?|days?)[\s./-]*(?:old|o)\b"
    r"(?!\s+(?:\w+\s+)?(?:fracture|scar|infarct|study|exam|examination|injury|film|comparison|hematoma|graft|stent|"
    r"prosthesis|surgery))"
    r"|\b(?:aged|age:?|age of)\s(?P<aged>\d{1,3})(?P<aplus>\+)?(?:\s(?P<aunit>years?|months?|weeks?|days?))?\b"
    r"(?!\s*(?:mm|cm|%))", re.IGNORECASE)
_RELATIVE = re.compile(
    r"\b(?:mother|father|sister|brother|aunt|uncle|grandmother|grandfather|daughter|son|husband|wife|family|maternal|"
    r"paternal|cousin|parent)", re.IGNORECASE)
_AT_AGE = re.compile(r"\b(?:at|since)\s+(?:the\s+)?$", re.IGNORECASE)


def ages(text: str, sentences: Sequence[Sentence]) -> Iterator[AgeMention]:
    """Each mention of the patient's age now; not a relative's, nor the age at which something happened."""
    for sentence in sentences:
        for match in _AGE.finditer(text, sentence.span.start, sentence.span.end):
            before = text[sentence.span.start : match.start()]
            if _RELATIVE.search(sentence.span.of(text)) or _AT_AGE.search(before[-12:]):
                continue
            number = int(match.group("n") or match.group("aged"))
            unit = _UNITS[(match.group("unit") or match.group("aunit") or "y")[0].lower()]
            if number > 130:
                continue
            yield AgeMention(span=Span(*match.span()), sentence=sentence,
                             age=Age(value=number, unit=unit,
                                     at_least=bool(match.group("plus") or match.group("aplus"))))


_DENIED = re.compile(r"\b(?:no|not|without|absent|negative for|rule out|evaluate for|denies)\b[^.;]{0,25}$",
                     re.IGNORECASE)


def sexes(text: str, sentences: Sequence[Sentence], tables: LanguageTables) -> Iterator[SexMention]:
    """Each word that implies the patient's sex; not a relative's, not a denied organ or condition."""
    rows = {row.literal: row for row in tables.sexes}
    words = pattern(tuple(rows))
    for sentence in sentences:
        if sentence.section in (SectionKind.SIGNATURE, SectionKind.COMMUNICATION):
            continue  # "he" and "she" there are clinicians
        for match in words.finditer(text, sentence.span.start, sentence.span.end):
            row = rows[re.sub(r"\s+", " ", match.group().lower())]
            sentence_words = sentence.span.of(text)
            before = text[sentence.span.start : match.start()]
            if _RELATIVE.search(sentence_words) or _DENIED.search(before):
                continue
            if row.kind == "pronoun" and re.search(r"(?i)\bdr\b|clinician|physician|nurse|provider", sentence_words):
                continue
            yield SexMention(span=Span(*match.span()), sex=row.sex, sentence=sentence,
                             rule=f"sexes.csv {row.kind} {row.literal}")
