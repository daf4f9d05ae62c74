"""Reports that go from the history straight on to their organs."""

import pytest

from fhir_adapter.model.reading import SectionKind
from fhir_adapter.nlp.sections import split


def kind_of(text: str, words: str, tables) -> SectionKind:
    """The section that some words stand in."""
    return next(s.kind for s in split(text, tables.language.sections) if text.index(words) < s.span.end)


@pytest.mark.parametrize("heading", ["CHEST", "L4-L5", "Medial meniscus", "Bowel loops"])
def test_an_organ_heading_begins_the_findings(tables, heading):
    """Without a heading for findings, the first unknown heading after the history begins them."""
    text = f"HISTORY: Fall.\n{heading}: There is a tear.\nIMPRESSION: Tear."
    assert kind_of(text, "There is", tables) is SectionKind.FINDINGS
    assert kind_of(text, "Fall", tables) is SectionKind.INDICATION
    assert kind_of(text, "Tear.", tables) is SectionKind.IMPRESSION


def test_a_line_of_the_history_stays_history(tables):
    """Where findings have a heading of their own, an unknown heading before it belongs to what it stands in."""
    text = "HISTORY: Fall.\nMechanism unknown: rule out fracture.\nFINDINGS: No fracture."
    assert kind_of(text, "rule out", tables) is SectionKind.INDICATION


def test_findings_go_on_after_a_heading_of_the_technique(tables):
    """A heading of the technique among the findings ends where the next organ begins."""
    text = "FINDINGS:\nHeart: Normal.\nLIMITATIONS: Motion.\nLungs: There is a nodule.\nIMPRESSION: Nodule."
    assert kind_of(text, "Motion", tables) is SectionKind.TECHNIQUE
    assert kind_of(text, "There is", tables) is SectionKind.FINDINGS


@pytest.mark.parametrize("text", [
    "HISTORY: Fall.\n\nThere is a tear.\n\nIMPRESSION: Tear.",
    "Reason for exam: Fall, evaluate for tear\nThere is a tear.\nConclusion: Tear.",
    "EXAM: MR KNEE\nINDICATION\nFall\n\nThere is a tear.",
    "History: Fall. There is a tear. Impression: Tear.",
])
def test_prose_after_the_history_is_findings(tables, text):
    """Where nothing says findings, the prose behind the history is them."""
    assert kind_of(text, "There is", tables) is SectionKind.FINDINGS
    assert kind_of(text, "Fall", tables) is SectionKind.INDICATION


def test_a_wrapped_history_stays_history(tables):
    """A history that goes on over a line break, and nothing behind it, is all history."""
    text = ("HISTORY: Pain after a fall from a ladder in the garden two days ago, with\nswelling. Rule out tear.\n"
            "IMPRESSION: Tear.")
    assert kind_of(text, "Rule out", tables) is SectionKind.INDICATION


def test_blanks_within_a_heading_begin_no_second_one(tables):
    """A heading with runs of blanks between its words is one heading, though its last words are one too."""
    text = "PAST  MEDICAL HISTORY:  Fall.\nFINDINGS: There is a tear."
    assert [s.kind for s in split(text, tables.language.sections)] == [SectionKind.INDICATION, SectionKind.FINDINGS]


def test_a_title_over_labelled_lines_is_no_history_of_them(tables):
    """Lines that begin with an organ are findings, with the organ, though only a title stands before them."""
    text = "VENOUS DOPPLER\nRight popliteal vein: Thrombus\nLeft veins: Compressible\nIMPRESSION: Thrombus."
    parts = split(text, tables.language.sections)
    assert [(s.kind, s.body.of(text).split()[0]) for s in parts] == [
        (SectionKind.HEADER, "VENOUS"), (SectionKind.FINDINGS, "Right"), (SectionKind.IMPRESSION, "Thrombus.")]


def test_prose_between_the_history_and_the_first_label_is_findings(tables):
    """A label further down does not keep the prose before it in the history."""
    text = "HISTORY: Raised PSA.\n\nThe gland measures 48 mm.\n\nNodule A: 14 mm.\n\nIMPRESSION: Nodule."
    assert kind_of(text, "The gland", tables) is SectionKind.FINDINGS
