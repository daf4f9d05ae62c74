"""The way back from a safe text to the text as it was sent."""

from hypothesis import given
from hypothesis import strategies as st

from fhir_adapter.model.offsets import Edit, OffsetMap
from fhir_adapter.model.span import Span


@st.composite
def edited(draw) -> tuple[str, str, OffsetMap]:
    """A text, its copy with some stretches replaced, and the way between the two. Replacements are in capitals."""
    before, after, edits = "", "", []
    for _ in range(draw(st.integers(0, 6))):
        kept = draw(st.text("abc ", min_size=1, max_size=6))
        old, new = draw(st.text("xyz", min_size=1, max_size=5)), draw(st.text("XYZ", max_size=5))
        edits.append(Edit(before=Span(len(before + kept), len(before + kept + old)),
                          after=Span(len(after + kept), len(after + kept + new))))
        before, after = before + kept + old, after + kept + new
    end = draw(st.text("abc ", max_size=6))
    return before + end, after + end, OffsetMap(tuple(edits))


@given(edited(), st.data())
def test_kept_words_are_found_where_they_were(texts, data):
    """A stretch of the safe text that touches no replacement is the same words in the sender's text, and back."""
    before, after, offsets = texts
    start = data.draw(st.integers(0, len(after)))
    span = Span(start, data.draw(st.integers(start, len(after))))
    words = span.of(after)
    if words and words == words.lower() and not any(e.after.overlaps(span) or (
            len(e.after) == 0 and span.start <= e.after.start <= span.end) for e in offsets.edits):
        assert offsets.to_original(span).of(before) == words
        assert offsets.to_safe(offsets.to_original(span)) == span


@given(edited())
def test_a_replacement_leads_to_the_whole_of_what_it_replaced(texts):
    """Any part of a replacement stands for all the words that were there."""
    before, _, offsets = texts
    for edit in offsets.edits:
        for start in range(edit.after.start, edit.after.end):
            assert offsets.to_original(Span(start, start + 1)).of(before) == edit.before.of(before)
