"""Contrast medium and modality of the examination itself."""

import pytest

from fhir_adapter.model.reading import SectionKind, Sentence
from fhir_adapter.model.span import Span
from fhir_adapter.nlp import page, technique
from fhir_adapter.tables import Tables
from tests.nlp.reading import read


def contrasts(text: str, tables: Tables, section: SectionKind = SectionKind.TECHNIQUE) -> list[str]:
    sentence = Sentence(span=Span(0, len(text)), section=section)
    return [m.contrast.value for m in technique.contrasts(
        page.alone(text, (sentence,), tables.language), tables.language.technique)]


def test_every_row_reads_its_example(tables: Tables) -> None:
    """The example of each row of the table is a mention of that contrast, and of no other."""
    for contrast, _, example in tables.language.technique.contrasts:
        assert contrasts(example, tables) == [contrast.value], example


@pytest.mark.parametrize("text", ["Oral contrast was given.", "CT with oral contrast.", "Soft tissue contrast is good.",
                                  "Enhanced recovery protocol."])
def test_other_contrast_is_none(text: str, tables: Tables) -> None:
    """Oral contrast and words that only sound alike are no contrast medium in the vessels."""
    assert contrasts(text, tables) == []


@pytest.mark.parametrize("text", ["CT with contrast is recommended.", "Recommend MRI with and without contrast.",
                                  "Compared to the prior noncontrast CT."])
def test_contrast_of_another_examination_is_none(text: str, tables: Tables) -> None:
    """A recommended or an earlier examination tells nothing of the contrast of this one."""
    assert contrasts(text, tables, SectionKind.FINDINGS) == []


def test_limited_by_lack_of_contrast(tables: Tables) -> None:
    """Findings may tell that there was no contrast."""
    text = "Evaluation is limited by lack of intravenous contrast."
    assert contrasts(text, tables, SectionKind.FINDINGS) == ["without"]


def test_modality_of_technique() -> None:
    """The modality in heading and technique is that of the examination; one compared with is not."""
    reading = read("EXAM: CT HEAD\nTECHNIQUE: Axial CT of the head. Compared with prior MRI.\nFINDINGS: Normal.")
    assert {m.modality for m in reading.techniques} == {"CT"}


def test_abbreviation_in_the_heading() -> None:
    """In the heading "US" is ultrasound."""
    reading = read("EXAM: US THYROID\nFINDINGS: Normal. Told to us.")
    assert [m.modality for m in reading.techniques] == ["US"]
