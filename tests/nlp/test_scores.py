"""Dictated scores."""

from pathlib import Path
from typing import Any

import pytest
import yaml

from fhir_adapter.model.reading import Score, SectionKind, Sentence
from fhir_adapter.model.span import Span
from fhir_adapter.nlp import page, scores, sides
from fhir_adapter.tables import Tables

CASES: list[dict[str, Any]] = yaml.safe_load(Path(__file__).with_name("scores.yaml").read_text(encoding="utf-8"))


def read(text: str, tables: Tables, section: SectionKind = SectionKind.IMPRESSION) -> tuple[Score, ...]:
    sentence = Sentence(span=Span(0, len(text)), section=section)
    leaf = page.alone(text, (sentence,), tables.language)
    return scores.find(leaf, sides.of_page(leaf), tables.language.scores)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["text"])
def test_sentence_holds_these_scores(case: dict[str, Any], tables: Tables) -> None:
    """Each sentence of the table gives the scores that it dictates, and no others."""
    found = [f"{s.system}={s.value}{'' if s.legal else '!'}" for s in read(case["text"], tables)]
    assert case["scores"] == found


def test_every_system_reads_its_example(tables: Tables) -> None:
    """The example of each row of the table gives a legal score of its own system."""
    for row in tables.language.scores:
        assert row.system in {s.system for s in read(row.example, tables) if s.legal}


def test_no_score_in_the_indication(tables: Tables) -> None:
    """A score that the indication recalls is none of this examination."""
    assert read("BI-RADS 0 on screening.", tables, SectionKind.INDICATION) == ()
