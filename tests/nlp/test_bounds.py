"""Texts that are no prose cost time in proportion to their length."""

import re

import pytest

from fhir_adapter.model.reading import Section, SectionKind
from fhir_adapter.model.span import Span
from fhir_adapter.nlp import marks, page, sentences
from fhir_adapter.nlp.lower import lower
from fhir_adapter.tables import Tables

LONG = "1 mm " * 2000


def split(text: str) -> list[Span]:
    body = Span(0, len(text))
    return [s.span for s in sentences.split(text, (Section(kind=SectionKind.FINDINGS, span=body, body=body),))]


@pytest.mark.parametrize("text", [LONG, "x" * 10_000, "word " * 4000])
def test_no_sentence_is_too_long(text: str) -> None:
    """A text without a full stop is cut into sentences of at most 1,500 characters that leave no word out."""
    spans = split(text)
    assert max(len(span) for span in spans) <= 1500
    assert "".join(span.of(text) for span in spans).replace(" ", "") == text.replace(" ", "")


def test_marks_name_the_sentences_that_hold_them(tables: Tables) -> None:
    """A mark finds its sentence whatever the case, and letters that grow in lower case move no place."""
    text = "İ İ İ. No MASS. A  5 MM cyst. On the LEFT. Nothing."
    spans = sentences.split(text, (Section(kind=SectionKind.FINDINGS, span=Span(0, len(text)),
                                           body=Span(0, len(text))),))
    leaf = page.alone(text, spans, tables.language)
    assert [spans[n].span.of(text) for n in leaf.holding(marks.MEASUREMENT)] == ["A  5 MM cyst."]
    assert [text[place:place + 4] for place in leaf.sides] == ["LEFT"]


@pytest.mark.parametrize(("expression", "text"), [
    (r"\b(?P<Role>MD)\b\S+", "An MD-PhD."), (r"[A-Z]\D\W", "Ab, c"), (r"(?<=No )T[12]", "no t1, No T2")])
def test_a_pattern_in_lower_case_finds_what_one_for_any_case_finds(expression: str, text: str) -> None:
    """Names of groups and classes keep their capitals, letters lose theirs."""
    one, other = re.compile(expression, re.IGNORECASE), lower(expression)
    assert [m.span() for m in one.finditer(text)] == [m.span() for m in other.finditer(text.lower())]


def test_a_pattern_that_wants_its_case_is_none_for_lower_case() -> None:
    """An expression that turns case on cannot be read in a text in lower case, and says so."""
    with pytest.raises(ValueError, match="no flags"):
        lower("(?-i:US)")
