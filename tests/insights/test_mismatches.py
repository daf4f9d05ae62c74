"""Side, sex and age against order, metadata and the text itself: what differs is told, and nothing else."""

import pytest
import yaml

from fhir_adapter import insights
from fhir_adapter.model.insight import Kind
from fhir_adapter.model.report import Age, Patient, Sex
from tests.conftest import ROOT

SENTENCES = yaml.safe_load((ROOT / "tests/insights/mismatch_sentences.yaml").read_text(encoding="utf-8"))
KINDS = (Kind.LATERALITY_DISCREPANCY, Kind.SEX_MISMATCH, Kind.AGE_MISMATCH)
REPORT = ("INDICATION: 61-year-old {sex} with flank pain.\n"
          "FINDINGS: There is a 4.5 {unit} mass in the {side} kidney. {free}pneumoperitoneum.\n"
          "IMPRESSION: 4.5 cm mass in the {other} kidney.")
AS_WRITTEN = {"sex": "woman", "unit": "cm", "side": "left", "other": "left", "free": "No ", "order": "US RENAL LEFT",
              "known": Sex.FEMALE, "age": 61}


def told(reading, tables, kinds=KINDS):
    """The kinds of insight, or the types of side trouble."""
    return sorted(i.rule if i.kind is Kind.LATERALITY_DISCREPANCY else i.kind.value
                  for i in insights.run(reading, tables=tables, chosen=tuple(k.value for k in kinds)))


@pytest.mark.parametrize("case", SENTENCES, ids=[f"{case.get('order', '')} {case['text'][:50]}" for case in SENTENCES])
def test_reports_give_their_mismatches(case, read, tables):
    """An order, a patient and a report give the mismatches that a careful reader would ask about, or none."""
    patient = Patient(sex=Sex(case.get("sex", "unknown")), age=Age(value=case["age"]) if "age" in case else None)
    assert sorted(case["expect"]) == told(read(case["text"], case.get("order", ""), patient), tables)


@pytest.mark.parametrize(("change", "expected"), [
    ({}, []),
    ({"order": "US RENAL RIGHT"}, ["orderLateralityMismatch"]),
    ({"order": "US RENAL"}, []),
    ({"other": "right", "order": "US RENAL"}, ["textLateralityContradiction"]),
    ({"side": "right", "order": "US RENAL"}, ["textLateralityContradiction"]),
    ({"side": "right", "other": "right", "order": "US RENAL RIGHT"}, []),
    ({"known": Sex.MALE}, ["sexMismatch"]),
    ({"sex": "man"}, ["sexMismatch"]),
    ({"sex": "man", "known": Sex.MALE}, []),
    ({"age": 62}, []),
    ({"age": 43}, ["ageMismatch"]),
    ({"unit": "mm"}, ["measurementDiscrepancy"]),
    ({"free": "Moderate "}, ["criticalResult"]),
], ids=str)
def test_one_change_gives_one_insight(change, expected, read, tables):
    """One word of a report or one field of its metadata is changed, and exactly the insight about it comes or goes."""
    made = {**AS_WRITTEN, **change}
    reading = read(REPORT.format(**made), made["order"], Patient(sex=made["known"], age=Age(value=made["age"])))
    kinds = (*KINDS, Kind.MEASUREMENT_DISCREPANCY, Kind.CRITICAL_RESULT)
    assert expected == told(reading, tables, kinds)
