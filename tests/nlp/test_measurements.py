"""Sizes and values of single sentences."""

from datetime import date
from pathlib import Path
from typing import Any

import pytest
import yaml

from fhir_adapter.model.reading import Measurement, SectionKind, Sentence
from fhir_adapter.model.span import Span
from fhir_adapter.nlp import measurements, page, temporality
from fhir_adapter.tables import Tables

CASES: list[dict[str, Any]] = yaml.safe_load(Path(__file__).with_name("measurements.yaml").read_text(encoding="utf-8"))
SERVICE = date(2024, 6, 10)


def read(text: str, tables: Tables, section: SectionKind = SectionKind.FINDINGS) -> list[Measurement]:
    sentence = Sentence(span=Span(0, len(text)), section=section)
    leaf = page.alone(text, (sentence,), tables.language)
    found = measurements.find(leaf, tables.language.measurements)
    return [size for size, _ in temporality.placed(leaf.low, found, SERVICE)]


def told(size: Measurement) -> str:
    values = "x".join(str(v) for v in size.values) + (f"-{size.high}" if size.high is not None else "")
    prior = "" if size.current else " prior" + (f" {size.prior_date}" if size.prior_date else "")
    return f"{size.comparator}{values} {size.unit}{prior}"


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["text"])
def test_sentence_holds_these_sizes(case: dict[str, Any], tables: Tables) -> None:
    """Each sentence of the table gives the sizes that a reader finds in it, and no others."""
    assert case["sizes"] == [told(size) for size in read(case["text"], tables)]


@pytest.mark.parametrize("case", [c for c in CASES if "axes" in c], ids=lambda case: case["text"])
def test_dimensions_have_their_names(case: dict[str, Any], tables: Tables) -> None:
    """The axes that the text names stand in the order of the numbers."""
    assert [tuple(case["axes"])] == [size.dimensions for size in read(case["text"], tables)]
