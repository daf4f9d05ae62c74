"""What is measured."""

from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.nlp.reading import read

CASES: list[dict[str, Any]] = yaml.safe_load(Path(__file__).with_name("subjects.yaml").read_text(encoding="utf-8"))


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["text"])
def test_each_size_knows_what_it_measures(case: dict[str, Any]) -> None:
    """Each size of the table belongs to the finding or organ that a reader would name."""
    reading = read(f"FINDINGS: {case['text']}")
    found = [m.subject_span.of(reading.report.text) if m.subject_span else None for m in reading.measurements]
    assert case["of"] == found


def test_size_stands_at_its_finding() -> None:
    """A finding carries the measurements whose subject it is."""
    reading = read("FINDINGS: Right kidney measures 11 cm. There is an 8 mm nodule in the liver.")
    assert [(str(m.values[0]), m.unit) for f in reading.findings for m in f.measurements] == [("8", "mm")]
