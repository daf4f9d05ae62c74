"""How far a cue reaches."""

import pytest

from fhir_adapter.model.code import SNOMED_CT, Code
from fhir_adapter.nlp import scopes
from fhir_adapter.scan import Matcher, Phrase, fold, longest
from fhir_adapter.tables.language import ContextRow, TargetRow

CUES = [("no", "NEG", "FORWARD", None), ("absent", "NEG", "BACKWARD", None), ("acute", "ACUTE", "FORWARD", 2),
        ("but", "TERMINATE", "TERMINATE", None), ("no change in", "PSEUDO", "PSEUDO", None),
        ("family", "FAMILY", "BIDIRECTIONAL", None)]


def linked(sentence):
    """The categories that bear on each target (x, y, z) of a sentence."""
    row = TargetRow(literal="x", category="FINDING", code=Code(system=SNOMED_CT, code="4147007"), example="")
    targets = Matcher(Phrase(text=word, value=row) for word in "xyz")
    cues = Matcher(Phrase(text=literal, value=ContextRow(literal=literal, category=category, direction=direction,
                                                         max_scope=scope, example=""))
                   for literal, category, direction, scope in CUES)
    folded = fold(sentence)
    bearing = scopes.link(folded.flat, 0, len(folded.flat), longest(targets.find(folded)),
                          scopes.settle(cues.find(folded)))
    return [[cue.value.category for cue in cues] for cues in bearing]


@pytest.mark.parametrize(("sentence", "expected"), [
    ("no x, y or z", [["NEG"], ["NEG"], ["NEG"]]),
    ("x and no y", [[], ["NEG"]]),
    ("x and y absent, z", [["NEG"], ["NEG"], []]),
    ("no x but y", [["NEG"], []]),
    ("x but y absent", [[], ["NEG"]]),
    ("no change in x", [[]]),
    ("acute x", [["ACUTE"]]),
    ("acute a b c x", [[]]),
    ("x family y", [["FAMILY"], ["FAMILY"]]),
    ("no acute x", [["NEG", "ACUTE"]]),
    ("", []),
])
def test_reaches(sentence, expected):
    """A cue reaches its way to the end of the sentence, to a terminating cue, or as many words as its row says."""
    assert linked(sentence) == expected


def test_the_nearest_cue_of_a_category_counts():
    """A later cue of the same category takes over, so that each mention has at most one of each from each side."""
    assert linked("no x no y absent z absent") == [["NEG", "NEG"]] * 3
