"""Texts that are no prose cost time in proportion to their length."""

import pytest

from fhir_adapter.model.reading import Section, SectionKind
from fhir_adapter.model.span import Span
from fhir_adapter.nlp import hints, sentences

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


def test_hints_name_the_sentences_that_hold_them() -> None:
    """A hint finds its sentence whatever the case, and letters that grow in lower case move no place."""
    text = "İ İ İ. No MASS. A 5 mm cyst. Nothing."
    spans = sentences.split(text, (Section(kind=SectionKind.FINDINGS, span=Span(0, len(text)),
                                           body=Span(0, len(text))),))
    assert [s.span.of(text) for s in hints.hinted(text, spans, ("mm", "mass"))] == ["No MASS.", "A 5 mm cyst."]
