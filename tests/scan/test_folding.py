"""Folded texts and the way back."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fhir_adapter.scan import fold

TEXTS = st.text(alphabet=st.sampled_from("aB é\n\t -–\u00a0İß’.1"), max_size=60)


@given(TEXTS)
def test_every_character_leads_back_to_itself(text):
    """Each character of the folded text that is no blank stands for the same character of the text."""
    folded = fold(text)
    for at, character in enumerate(folded.flat):
        original = text[folded.place(at)]
        if character not in " '":
            assert character in (original, original.lower())


@given(TEXTS)
def test_places_go_there_and_back(text):
    """Going to the text and back arrives at the same folded character."""
    folded = fold(text)
    assert [folded.flat_place(folded.place(at)) for at in range(len(folded.flat))] == list(range(len(folded.flat)))


@given(TEXTS)
def test_no_two_blanks_stand_together(text):
    """A run of white space and hyphens is one blank."""
    assert "  " not in fold(text).flat


@pytest.mark.parametrize(("text", "flat"), [
    ("Ground-glass\n   opacity", "ground glass opacity"),
    ("x\u2011ray", "x ray"),
    ("patient’s", "patient's"),
    ("İstanbul NODULE", "İstanbul nodule"),
])
def test_folds(text, flat):
    """Case, hyphens, line breaks and typographic apostrophes do not tell texts apart."""
    assert fold(text).flat == flat
