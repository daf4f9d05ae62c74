"""Inferences of the Radiology Insights API: every kind's fields, in the sender's own characters and dates."""

import json

import pytest

from tests.jobs import ABDOMEN, CHEST, KNEE, PELVIS, words_of

SNOMED = "http://snomed.info/sct"


def codes(concept) -> list[tuple[str, str]]:
    """System and code of each coding."""
    return [(one["system"], one["code"]) for one in concept["coding"]]


def components(observation) -> dict[str, list]:
    """The components by the display of their code."""
    out: dict[str, list] = {}
    for one in observation["component"]:
        out.setdefault(one["code"]["coding"][0]["display"], []).append(one)
    return out


def test_sex_and_age_mismatch(infer):
    """The sex that the text implies and the words that tell it; the age's words token by token."""
    kinds = infer(PELVIS, "US PELVIS COMPLETE")
    (sex,), (age,) = kinds["sexMismatch"], kinds["ageMismatch"]
    assert codes(sex["sexIndication"]) == [(SNOMED, "248153007")]
    assert words_of(sex, PELVIS) == words_of(sex["sexIndication"], PELVIS)
    assert "male" in words_of(sex, PELVIS)
    assert (words_of(age, PELVIS), set(age)) == (["20", "-", "year", "-", "old"], {"kind", "extension"})


def test_complete_order(infer):
    """The examination and its missing parts and sizes, as RadLex and CPT codes."""
    (found,) = infer(PELVIS, "US PELVIS COMPLETE")["completeOrderDiscrepancy"]
    assert found["orderType"]["coding"][0]["code"] == "76856"
    assert [part["coding"][0]["display"] for part in found["missingBodyParts"]] == ["Right ovary", "Endometrium"]
    assert "Left ovary" in [part["coding"][0]["display"] for part in found["missingBodyPartMeasurements"]]


def test_limited_order(infer):
    """A limited order and a complete text: the parts that are present, with their words."""
    (found,) = infer(ABDOMEN, "US ABDOMEN LIMITED")["limitedOrderDiscrepancy"]
    assert found["orderType"]["coding"][0]["code"] == "76705"
    present = {part["coding"][0]["display"]: words_of(part, ABDOMEN) for part in found["presentBodyParts"]}
    assert (len(present), present["Liver"]) == (9, ["liver"])


@pytest.mark.parametrize(("order", "kind", "side"), [
    ("MRI RIGHT KNEE", "orderLateralityMismatch", "7771000"), ("MRI LEFT KNEE", None, None)])
def test_laterality_against_the_order(infer, order, kind, side):
    """The text's side where it is not the order's."""
    found = infer(KNEE, order).get("lateralityDiscrepancy", [])
    assert [(one["discrepancyType"], one["lateralityIndication"]["coding"][0]["code"]) for one in found] == (
        [(kind, side)] if kind else [])


def test_a_missing_side_has_no_words(infer):
    """The type textLateralityMissing has neither a side nor evidence."""
    (found,) = infer("FINDINGS: There is a joint effusion.", "XR LEFT KNEE")["lateralityDiscrepancy"]
    assert found == {"kind": "lateralityDiscrepancy", "discrepancyType": "textLateralityMissing"}


def test_finding(infer):
    """Subject, anatomy, side, sizes with unit word and UCUM code, current and previous, and the section."""
    nodule = infer(CHEST)["finding"][0]
    found = components(nodule["finding"])
    assert words_of(found["SUBJECT OF INFORMATION (ATTRIBUTE)"][0]["valueCodeableConcept"], CHEST) == ["nodule"]
    assert words_of(found["ANATOMY (QUALIFIER VALUE)"][0], CHEST) == ["upper", "lobe"]
    assert codes(found["LATERALITY"][0]["code"]) == [(SNOMED, "272741003")]
    assert codes(found["LATERALITY"][0]["valueCodeableConcept"]) == [(SNOMED, "24028007")]
    assert [(one["valueQuantity"], codes(one["interpretation"][0])[0][1]) for one in found["SIZE (ATTRIBUTE)"]] == [
        ({"value": 6, "unit": "MILLIMETER", "system": "http://unitsofmeasure.org", "code": "mm"}, "15240007"),
        ({"value": 4, "unit": "MILLIMETER", "system": "http://unitsofmeasure.org", "code": "mm"}, "9130008")]
    assert found["MULTIPLE"][0]["valueBoolean"] is False
    section = next(one for one in nodule["extension"] if one["url"] == "section")
    assert {part["url"]: part["valueString"] for part in section["extension"]} == {
        "code": "18782-3", "codingSystem": "2.16.840.1.113883.6.1", "codingSystemName": "http://loinc.org",
        "displayName": "RADIOLOGY STUDY OBSERVATION (NARRATIVE)"}


def test_a_denied_finding_is_there(infer):
    """A denied finding is interpreted as none, and its words hold the denial."""
    (denied,) = [one for one in infer(CHEST)["finding"] if "pneumothorax" in words_of(one, CHEST)]
    assert codes(denied["finding"]["interpretation"][0]) == [(SNOMED, "260413007")]
    assert "No" in words_of(denied, CHEST)


def test_critical_result(infer):
    """One critical result for one thing, by its published name, with its Observation."""
    found = [one["result"] for one in infer(CHEST)["criticalResult"]]
    assert any(one["description"].startswith("PULMONARY EMBOL") for one in found)
    assert {one["finding"]["resourceType"] for one in found} == {"Observation"}


def test_recommendation(infer):
    """Modality, anatomy, all four required flags, and the day counted from the sender's own day: 31 August + 3 months
    is 30 November.
    """
    (found,) = infer(CHEST)["followupRecommendation"]
    (part,) = found["recommendedProcedure"]["imagingProcedures"]
    assert found["effectiveAt"] == "2023-11-30"
    assert (found["isConditional"], found["isOption"], found["isGuideline"], found["isHedging"]) == (False,) * 4
    assert codes(part["modality"]) == [(SNOMED, "77477000")]
    assert (words_of(part["modality"], CHEST), words_of(part["anatomy"], CHEST)) == (["CT"], ["chest"])


def test_a_recommendation_within_some_time(infer):
    """`within the next 6 months` is a period from the service day on."""
    (found,) = infer(PELVIS, "US PELVIS COMPLETE")["followupRecommendation"]
    assert found["effectivePeriod"] == {"start": "2023-08-31", "end": "2024-02-29"}


def test_communication(infer):
    """When, whom by role and whether acknowledged; the recipient's name only as a place in the sender's own text."""
    (found,) = infer(CHEST)["followupCommunication"]
    assert (found["recipient"], found["wasAcknowledged"]) == (["doctor"], True)
    assert found["communicatedAt"] == ["2023-08-31T15:15:00+00:00"]
    assert {"Zzyzx", "Quillon", "31"} <= set(words_of(found, CHEST))
    assert "Zzyzx" not in json.dumps(found)


def test_procedure(infer):
    """Modality and anatomy of the order, and the sender's own code and words."""
    (found,) = infer(CHEST, "CT CHEST WITH CONTRAST")["radiologyProcedure"]
    (part,) = found["imagingProcedures"]
    assert codes(part["modality"]) == [(SNOMED, "77477000")]
    assert (codes(part["contrast"]["code"]), part["contrast"]["types"]) == ([("http://radlex.org", "RID39045")], [])
    assert found["orderedProcedure"] == {"code": {"coding": [{"code": "CTCHESTWITHCONTRAST"}]},
                                         "description": "CT CHEST WITH CONTRAST"}


def test_several_orders_are_one(infer):
    """The words of all orders count: the side of the second is the order's side."""
    found = infer(KNEE, "MRI KNEE", "RIGHT KNEE WITHOUT CONTRAST")
    assert found["lateralityDiscrepancy"][0]["discrepancyType"] == "orderLateralityMismatch"
    assert found["radiologyProcedure"][0]["orderedProcedure"]["description"] == "MRI KNEE; RIGHT KNEE WITHOUT CONTRAST"


def test_score(infer):
    """Category, what that is, and the value as the system writes it."""
    (found,) = infer(CHEST)["scoringAndAssessment"]
    assert (found["category"], found["singleValue"]) == ("LUNG-RADS", "4A")
    assert found["categoryDescription"] == "Lung CT Screening Reporting and Data System"
    assert words_of(found, CHEST)[-1] == "4A"
