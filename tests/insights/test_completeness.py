"""Which parts of a complete ultrasound a report does not speak of, and which it does not measure."""

import pytest
import yaml

from fhir_adapter.insights.case import look
from fhir_adapter.insights.detectors import complete_order_discrepancy
from fhir_adapter.model.report import Patient, Sex
from tests.conftest import ROOT

CASES = yaml.safe_load((ROOT / "tests/insights/completeness.yaml").read_text(encoding="utf-8"))


@pytest.mark.parametrize("case", CASES, ids=[case["text"][-50:] for case in CASES])
def test_what_is_missing_and_what_is_not_measured(case, read, tables):
    """The size of a lesion is not that of its organ, and a size stands for the part named last before it."""
    reading = read(case["text"], case["order"], Patient(sex=Sex(case["sex"])))
    found = [i.detail for i in complete_order_discrepancy.detect(look(reading, tables.judgement))]
    told = [[sorted(part.code.display.lower() for part in parts) for parts in (one.parts, one.measured)]
            for one in found]
    assert told == ([[case["missing"], case["unmeasured"]]] if case["missing"] or case["unmeasured"] else [])
