"""Escape sequences of HL7 v2, chapter 2.7."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fhir_adapter.wire.delimiters import Delimiters
from fhir_adapter.wire.escapes import escape, unescape

MARKS = Delimiters()
OTHERS = Delimiters(field="#", component="*", repetition="!", escape="/", subcomponent="%", truncation="@")


@pytest.mark.parametrize(("raw", "text"), [
    (r"a\F\b\S\c\T\d\R\e\E\f", "a|b^c&d~e\\f"),
    (r"one\.br\two", "one\ntwo"),
    (r"one\.sp\two\.sp3\three", "one\ntwo\n\n\nthree"),
    (r"\H\loud\N\ quiet", "loud quiet"),
    (r"a\X0D\b", "a\nb"),
    (r"a\X0A\b", "a\nb"),
    (r"a\X0D\\X0A\b", "a\nb"),
    (r"a\X000d\b", "a\nb"),
    (r"caf\XC3A9\ ", "café "),
    (r"caf\XC3\\XA9\ ", "café "),
    (r"\X7C\ ", "| "),
    (r"\.in+4\\.ti-2\text\.ce\ ", "text\n "),
    (r"a\.sk3\b", "a   b"),
    ("a lone \\ backslash", "a lone \\ backslash"),
])
def test_known_sequences(raw, text):
    """Every sequence of the chapter becomes what it stands for, and nothing is reported."""
    assert unescape(raw, MARKS) == (text, False)


@pytest.mark.parametrize("raw", [r"a\Zxx\b", r"a\C2842\b", r"a\XZZ\b", r"a\X0\b"])
def test_unknown_sequences_stay(raw):
    """A sequence that is none of the chapter's is kept as it stands and reported."""
    assert unescape(raw, MARKS) == (raw, True)


def test_hex_is_read_in_the_codec_of_the_message():
    """\\XE9\\ is é in ISO 8859/1, where UTF-8 would have no character for the byte."""
    assert unescape(r"caf\XE9\ ", MARKS, "iso8859_1") == ("café ", False)


@given(st.text(alphabet=st.characters(exclude_categories=("Cs", "Cc"), include_characters="\n")),
       st.sampled_from([MARKS, OTHERS]))
def test_escaping_can_be_undone(text, marks):
    """unescape(escape(text)) is text, whatever the text and the delimiters."""
    assert unescape(escape(text, marks), marks) == (text, False)


@given(st.text(max_size=200))
def test_any_text_can_be_unescaped(raw):
    """No text makes unescape fail, and the result holds no control characters that an escape brought in."""
    text, _ = unescape(raw, MARKS)
    assert {c for c in text if ord(c) < 32 and c not in "\n\t"} <= set(raw)
