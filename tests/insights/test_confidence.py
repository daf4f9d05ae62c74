"""The confidence of insights is a share that was measured, and each says by which rule it was decided."""

import csv
from decimal import Decimal

import pytest

from fhir_adapter import insights
from fhir_adapter.insights.registry import DETECTORS
from fhir_adapter.model.report import Age, Patient, Sex
from tests.conftest import ROOT

ROWS = list(csv.DictReader((ROOT / "mappings/insights/confidence.csv").open(encoding="utf-8")))


@pytest.mark.parametrize("row", ROWS, ids=[f"{row['kind']} {row['of']}" for row in ROWS])
def test_a_confidence_is_what_was_counted(row):
    """Each confidence is (right + 1) / (said + 2) of its counts, 0.99 at most."""
    share = (Decimal(row["right"]) + 1) / (Decimal(row["said"]) + 2)
    assert abs(min(share, Decimal("0.99")) - Decimal(row["confidence"])) <= Decimal("0.005")


def test_each_measured_kind_has_a_confidence():
    """Each kind of insight has a row of its own for what no class of it tells."""
    assert {row["kind"] for row in ROWS if not row["of"]} == {detector.kind.value for detector in DETECTORS}


def test_an_insight_carries_the_confidence_of_its_class(read, tables):
    """A denied finding carries the confidence of denied findings, and a present one that of present ones."""
    told = insights.run(read("FINDINGS: Small right pneumothorax. No effusion."), tables=tables, chosen=("finding",))
    known = {row["of"]: Decimal(row["confidence"]) for row in ROWS if row["kind"] == "finding"}
    assert [i.confidence for i in told] == [known["present"], known["absent"]]


def test_every_insight_says_how_it_was_decided(read, tables):
    """No insight of a report that has nearly all kinds comes without its rule."""
    reading = read("INDICATION: 40-year-old man, lung cancer.\nTECHNIQUE: CT of the chest with intravenous contrast.\n"
                   "FINDINGS: Large left pneumothorax. 9 mm right upper lobe nodule. BI-RADS 4A.\n"
                   "IMPRESSION: Pneumothorax on the right. 9 cm right upper lobe nodule. Follow-up CT is recommended.\n"
                   "Discussed with Dr. Zzyzx at 3 PM.", "XR CHEST LEFT WITHOUT CONTRAST",
                   Patient(sex=Sex.FEMALE, age=Age(value=60)))
    told = insights.run(reading, tables=tables)
    assert len({i.kind for i in told}) >= 9
    assert [i.kind for i in told if not i.rule] == []
