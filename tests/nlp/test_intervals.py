"""When a follow-up is due."""

from pathlib import Path
from typing import Any

import pytest
import yaml

from fhir_adapter.model.reading import Interval
from fhir_adapter.model.span import Span
from fhir_adapter.nlp import intervals
from fhir_adapter.scan import lowered

CASES: list[dict[str, Any]] = yaml.safe_load(Path(__file__).with_name("intervals.yaml").read_text(encoding="utf-8"))


def told(interval: Interval) -> str:
    if interval.vague:
        return "vague"
    numbers = ("" if interval.low is None else str(interval.low)) + (f"-{interval.high}" if interval.high else "")
    series = "[" + ",".join(map(str, interval.series)) + "]" if interval.series else ""
    lasting = f"/{interval.lasting[0]}{interval.lasting[1].value}" if interval.lasting else ""
    return f"{numbers}{'*' if interval.repeats else ''}{series}{lasting} {interval.unit.value}"


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["text"])
def test_text_holds_these_intervals(case: dict[str, Any]) -> None:
    """Each text of the table gives the intervals that it asks for, and no age or time past."""
    assert case["when"] == [told(i) for i in intervals.find(lowered(case["text"]), Span(0, len(case["text"])))]
