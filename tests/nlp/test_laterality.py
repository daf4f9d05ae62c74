"""Sides that findings have from their context, over the table laterality.yaml."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import yaml

from fhir_adapter.model.report import Order, Side
from tests.nlp.reading import engine
from tests.nlp.reports import safe

CASES: list[dict[str, Any]] = yaml.safe_load(Path(__file__).with_name("laterality.yaml").read_text(encoding="utf-8"))


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["text"])
def test_each_finding_has_its_side(case: dict[str, Any]) -> None:
    """Each finding has the side that a reader gives it, and none where the report leaves it open."""
    order = Order(text="MRI KNEE", side=Side(case["order"])) if case["order"] else Order()
    report = replace(safe(case["text"]), order=order)
    assert case["sides"] == [f.side.value if f.side else "none" for f in engine().read(report).findings]


def test_a_decimal_point_ends_no_explanation():
    """What comes with a finding has its side, over a size with a decimal point too."""
    found = engine().read(safe("FINDINGS: Lesion of the left distal femur, 7.5 cm in length, with periosteal "
                               "reaction.")).findings
    assert [(f.concept.display, f.side) for f in found] == [
        ("Lesion", Side.LEFT), ("Periosteal reaction", Side.LEFT)]
