"""The quick look never hides what a pattern would have found."""

import json
import re

import pytest

from fhir_adapter.insights.hints import Hints, hints
from fhir_adapter.insights.literals import literals
from tests.conftest import ROOT

TEXTS = [json.loads(line)["text"] for line in (ROOT / "tests/gold/dev/reports.jsonl").read_text(encoding="utf-8")
         .splitlines()]


def found(matches):
    """Where matches stand."""
    return [match.span() for match in matches]


@pytest.mark.parametrize(("pattern", "starts", "needed"), [
    (r"\bpulmonary\s+embol\w+", ["pulmonary"], ["pulmonary"]),
    (r"(?:saddle|acute)\s+embol", ["saddle", "acute"], ["embol"]),
    (r"(?:simple\s+)?cysts?\b", ["simple", "cysts", "cyst"], ["cysts", "cyst"]),
    (r"(?<!non)calcified", ["calcified"], ["calcified"]),
    (r"^(?=.*spleen)(?=.*ruptured)", [""], ["ruptured"]),
    (r"\d+\s*mm|nodule", [*"0123456789", "nodule"], ["mm", "nodule"]),
    (r"grade [3-5]", ["grade"], ["grade"]),
    (r"gr[ae]y", ["gray", "grey"], ["gray", "grey"]),
    (r"(?:left|right)?.*lung", None, ["lung"]),
    (r"\w+", None, None),
])
def test_literals_of_a_pattern(pattern, starts, needed):
    """Optional parts, alternatives, looks ahead and classes give the strings that a match cannot do without."""
    read = literals(re.compile(pattern, re.IGNORECASE))
    assert (read.starts and list(read.starts), read.needed and list(read.needed)) == (starts, needed)


def test_every_pattern_finds_the_same(tables):
    """Each pattern of the tables finds in each report of our own gold what it finds without any hint."""
    known = hints(tables.judgement)
    for text in TEXTS:
        sight = known.look(text)
        for pattern in known.found:
            assert found(sight.finditer(pattern, text)) == found(pattern.finditer(text)), pattern.pattern
        for pattern in known.allowed:
            assert sight.allows(pattern) or pattern.search(text) is None, pattern.pattern


@pytest.mark.parametrize("text", ["The DISEA\u017fE is \u0130ncidental.", "the disease is incidental", "\u0663 mm"])
def test_letters_that_count_as_others(text):
    """What `re.IGNORECASE` takes for an s or an i and `\\d` for a digit, the look takes for one too."""
    patterns = [re.compile(word, re.IGNORECASE) for word in ("disease", "incidental", "diseases", r"\d+\s*mm")]
    sight = Hints(patterns).look(text)
    assert [found(sight.finditer(p, text)) for p in patterns] == [found(p.finditer(text)) for p in patterns]


def test_matches_lie_within_bounds_and_do_not_overlap():
    """Only what begins and ends between start and end is found, and nothing within what was found before."""
    pattern = re.compile("aba|bab")
    text = "ababab aba"
    sight = Hints([pattern]).look(text)
    for start, end in ((0, 10), (1, 10), (0, 5), (4, 9), (10, 10)):
        assert found(sight.finditer(pattern, text, start, end)) == found(pattern.finditer(text, start, end))


def test_words_beside_the_text_count():
    """A pattern that only the order can fulfil is not ruled out, and one that nothing can fulfil is."""
    trauma, fall = re.compile("trauma"), re.compile("fall")
    sight = Hints([trauma, fall]).look("No fracture.", "TRAUMA")
    assert (sight.allows(trauma), sight.allows(fall), sight.allows(None)) == (True, False, False)
