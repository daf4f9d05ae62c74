"""The many-phrase matcher."""

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fhir_adapter.scan import Matcher, Phrase, fold, longest


def found(phrases, text):
    """What `phrases` find in `text`: words and value."""
    matcher = Matcher(Phrase(text=p, value=p) for p in phrases)
    return [(span.of(text), value) for span, value in matcher.spans(text)]


def test_only_whole_words_count():
    """A phrase inside a longer word is no match, also before a digit or an accented letter."""
    assert found(["mass", "pe"], "Massive masses, emphysema; PE1 and peé. A mass.") == [("mass", "mass")]


def test_wrapped_phrases_match():
    """A line break, a run of blanks or a hyphen stands for the blank of a phrase."""
    text = "a ground-\n   glass\t\topacity"
    assert found(["ground glass opacity"], text) == [("ground-\n   glass\t\topacity", "ground glass opacity")]


def test_spans_are_half_open_places_of_the_text():
    """A span covers the words in the text as it is, not as it was folded."""
    text = "İ  –  Left   Lung"
    (span, _), = Matcher([Phrase(text="left lung", value=1)]).spans(text)
    assert (span.start, span.end, span.of(text)) == (6, 17, "Left   Lung")


def test_case_counts_where_the_phrase_says_so():
    """An abbreviation with `case` matches in its own spelling only, over line breaks too."""
    matcher = Matcher([Phrase(text="PE", value=1, case=True), Phrase(text="IVC Filter", value=2, case=True)])
    text = "pe Pe PE ivc filter IVC\nFilter"
    assert [(span.of(text), value) for span, value in matcher.spans(text)] == [("PE", 1), ("IVC\nFilter", 2)]


def test_the_longest_of_several_counts():
    """Of overlapping matches the leftmost and longest is kept, and all are found on request."""
    phrases = ["lung", "lung nodule", "right lung", "nodule"]
    assert found(phrases, "lung nodule; right lung nodule") == [
        ("lung nodule", "lung nodule"), ("right lung", "right lung"), ("nodule", "nodule")]
    matcher = Matcher(Phrase(text=p, value=p) for p in phrases)
    assert [m.value for m in matcher.find(fold("right lung nodule"))] == ["right lung", "lung nodule", "lung", "nodule"]


def test_one_phrase_may_mean_several_things():
    """Values of the same words are all kept, in the order in which they were given."""
    matcher = Matcher([Phrase(text="stable", value=1), Phrase(text="Stable", value=2)])
    assert [m.value for m in longest(matcher.find(fold("Stable.")))] == [1, 2]


def test_punctuation_is_part_of_a_phrase():
    """A phrase may begin or end with a sign, and then no word border is asked for there."""
    assert found(["s/p", "vs.", ", small"], "s/p fall, small bleed vs.old") == [
        ("s/p", "s/p"), (", small", ", small"), ("vs.", "vs.")]


def test_a_phrase_needs_a_character():
    """An empty phrase is refused instead of matching everywhere."""
    with pytest.raises(ValueError, match="character"):
        Matcher([Phrase(text=" - ", value=1)])


def test_no_phrases_find_nothing():
    """A matcher of an empty table is no error."""
    assert Matcher([]).find(fold("anything")) == []


WORDS = st.lists(st.sampled_from(["a", "ab", "b", "a b", "b-a", "ba"]), min_size=1, max_size=4, unique=True)


@settings(deadline=None)
@given(WORDS, st.text(alphabet="ab -\n.", max_size=40))
def test_finds_what_regular_expressions_find(phrases, text):
    """Every match is one that a pattern with word borders finds, and none is missing."""
    matcher = Matcher(Phrase(text=p, value=p) for p in phrases)
    folded = fold(text)
    ours = {(m.start, m.end, m.value) for m in matcher.find(folded)}
    theirs = {(m.start(1), m.end(1), p) for p in phrases for m in
              re.finditer(rf"(?<!\w)(?=({re.escape(fold(p).flat)})(?!\w))", folded.flat)}
    assert ours == theirs
