"""What a client asks of the Radiology Insights API decides what is told, and how."""

import json
from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from fhir_adapter.model.code import Code
from fhir_adapter.model.insight import (
    Compliance,
    Guidance,
    GuidanceItem,
    GuidanceRanking,
    Insight,
    Kind,
    Proposal,
    QualityMeasure,
)
from fhir_adapter.model.reading import Assertion, IntervalUnit, RecommendationKind
from fhir_adapter.readers.radiology_insights import request
from fhir_adapter.service import inference
from fhir_adapter.tables.formats import is_sctid
from tests.jobs import CHEST, KNEE, PELVIS, job, words_of

VAGUE = "FINDINGS: 6 mm nodule in the right upper lobe.\n\nIMPRESSION: Follow-up imaging in 3 months is recommended."
COMPUTED_TOMOGRAPHY = Code(system="http://snomed.info/sct", code="77477000")
QUOTED = ("FINDINGS: 6 mm nodule in the right upper lobe.\n\nIMPRESSION: Lung nodule. Fleischner Society guidelines "
          "recommend CT of the chest at 6-12 months.")


def kinds(found) -> set[str]:
    """The kinds of the inferences."""
    return set(found)


def test_only_the_kinds_asked_for(infer):
    """The option inferenceTypes chooses; one that only published examples know chooses nothing."""
    wanted = ["finding", "followupCommunication", "criticalRecommendation"]
    assert kinds(infer(CHEST, inferenceTypes=wanted)) == {"finding", "followupCommunication"}


def test_our_own_kinds_only_for_who_names_them(infer):
    """A kind that the API does not know comes only if it is named, told by its statement."""
    ours = {"procedureDiscrepancy", "uncommunicatedCriticalResult", "vagueRecommendation", "measurementDiscrepancy"}
    assert kinds(infer(VAGUE)) & ours == set()
    (found,) = infer(VAGUE, inferenceTypes=["vagueRecommendation"])["vagueRecommendation"]
    assert "modality" in found["description"]
    assert "recommended" in words_of(found, VAGUE)


@pytest.mark.parametrize(("included", "number"), [(False, 0), (True, 1)])
def test_recommendations_without_modality(infer, included, number):
    """They are told only if asked for, as radiographic imaging of the body."""
    options = {"followupRecommendationOptions": {"includeRecommendationsWithNoSpecifiedModality": included}}
    found = infer(VAGUE, inferenceOptions=options).get("followupRecommendation", [])
    assert len(found) == number
    assert [one["recommendedProcedure"]["imagingProcedures"][0]["modality"]["coding"][0]["code"] for one in found] == (
        ["363680008"] * number)


@pytest.mark.parametrize("included", [False, True])
def test_recommendations_in_references(infer, included):
    """What only quotes a guideline is told only if asked for, and then says that it is a guideline."""
    options = {"followupRecommendationOptions": {"includeRecommendationsInReferences": included}}
    found = infer(QUOTED, inferenceOptions=options).get("followupRecommendation", [])
    assert [one["isGuideline"] for one in found] == ([True] if included else [])


def test_without_evidence(infer):
    """With includeEvidence=false only the section is left."""
    found = infer(CHEST, includeEvidence=False)
    assert "derivation-reference" not in json.dumps(found)
    assert [one["url"] for one in found["finding"][0]["extension"]] == ["section"]


def test_sentences(infer):
    """Extensions ci_sentence and modality_sentences give sentences as places in the text as sent, if asked for."""
    options = {"findingOptions": {"provideFocusedSentenceEvidence": True},
               "followupRecommendationOptions": {"provideFocusedSentenceEvidence": True}}
    found = infer(CHEST, inferenceOptions=options)
    told = [{one["url"]: one.get("valueString", "") for one in found[kind][0]["extension"]}
            for kind in ("finding", "followupRecommendation")]
    places = [told[0]["ci_sentence"], told[1]["modality_sentences"]]
    sentences = [CHEST[int(start) : int(end)] for start, _, end in (place.partition("-") for place in places)]
    assert sentences == ["There is a 6 mm nodule in the right upper lobe, previously 4 mm.",
                         "3. Recommend CT of the chest in 3 months."]


def test_a_verbose_answer_says_why(infer):
    """A verbose answer adds the statement, the rule, and for a critical result how soon someone must know."""
    critical = infer(CHEST, verbose=True)["criticalResult"][0]
    said = {one["url"].rsplit("/", 1)[-1]: one for one in critical["extension"]}
    assert {"statement", "rule", "urgency", "within-minutes"} <= set(said)
    assert said["rule"]["valueString"].startswith("critical_results.yaml ")


def test_the_references_ids_are_none(tables):
    """Each id that compatibility gives back is one that SNOMED CT cannot have; with a valid one there is no need."""
    changed = {key for key, code in tables.inferences.compatible.items() if code != tables.inferences.codes[key]}
    assert {value for _, value in changed} == {"laterality", "multiple", "percent", "date-and-time"}
    assert [is_sctid(tables.inferences.compatible[key].code) for key in sorted(changed)] == [False] * 4


def test_compatibility(infer, loaded):
    """With the setting, the ids that SNOMED CT does not have are the reference's; without it, every id is valid."""
    ids = {"45651917", "46150521"}
    body = json.dumps(job(CHEST)).encode()
    asked = request(body, settings=loaded.settings, tables=loaded.tables)
    setting = replace(loaded, settings=loaded.settings.model_copy(update={"radiology_insights_compatibility": True}))
    ours, theirs = (json.dumps(inference.answer(inference.understood(asked, one), asked, one))
                    for one in (loaded, setting))
    assert [[one in answer for one in sorted(ids)] for answer in (ours, theirs)] == [[False] * 2, [True] * 2]


@pytest.mark.parametrize("before", ["", "\U0001f9e0 Ünïcödé ", "Mr. Zzyzx Quillon, born 11/11/1959.\r\n",
                                    "\u200bA\u00ad "])
def test_places_are_code_points_of_the_text_as_sent(infer, before):
    """Whatever stands before them, names that de-identification replaces too, words are found where they are."""
    text = before + KNEE
    (found,) = infer(text, "MRI RIGHT KNEE")["lateralityDiscrepancy"]
    assert set(words_of(found, text)) == {"left", "knee", "anterior", "cruciate", "ligament"}


def guided(insights, loaded, **configuration):
    """The inferences of insights of our own making over the chest report."""
    asked = request(json.dumps(job(CHEST, **configuration)).encode(), settings=loaded.settings, tables=loaded.tables)
    outcome = inference.understood(asked, loaded)
    told = replace(outcome, insights=tuple(insights(outcome)))
    result = inference.answer(told, asked, loaded)
    return result["patientResults"][0]["inferences"]


def guidance(outcome, **more):
    """A guidance about the nodule of the chest report."""
    finding = next(f for f in outcome.reading.findings if f.measurements)
    safe = outcome.reading.report
    detail = Guidance(
        finding=finding, identifier=Code(system="http://radlex.org", code="RID50149", display="PULMONARY NODULE"),
        ranking=GuidanceRanking.LOW, source="Fleischner 2017",
        present=(GuidanceItem(name="SIZE", values=("SIZE",), sizes=finding.measurements, maximum_diameter="6 mm",
                              spans=(finding.measurements[0].span,)),),
        proposals=(Proposal(text="CT in 6 to 12 months.", procedure=COMPUTED_TOMOGRAPHY, low=6,
                            high=12, unit=IntervalUnit.MONTHS, start=safe.service, end=safe.service),
                   Proposal(text="Nothing.", nothing=True),
                   Proposal(text="See a surgeon.", kind=RecommendationKind.CONSULTATION)))
    return Insight(kind=Kind.GUIDANCE, statement="Guided.", evidence=(finding.span,), detail=replace(detail, **more))


def test_guidance(loaded):
    """Finding, identifier, items with size and diameter, and proposals with days from the sender's own day."""
    (found,) = guided(lambda outcome: [guidance(outcome)], loaded)
    (item,) = found["presentGuidanceInformation"]
    ct, nothing, consultation = found["recommendationProposals"]
    assert (found["finding"]["kind"], found["identifier"]["coding"][0]["code"], found["ranking"]) == (
        "finding", "RID50149", "low")
    assert (item["maximumDiameterAsInText"]["value"], item["maximumDiameterAsInText"]["unit"]) == (6, "MILLIMETER")
    assert item["sizes"][0]["component"][0]["valueQuantity"]["value"] == 6
    assert words_of(item, CHEST) == ["6", "mm"]
    assert ct["effectivePeriod"] == {"start": "2024-02-29", "end": "2024-08-31"}
    assert nothing["recommendedProcedure"]["imagingProcedures"][0]["modality"]["coding"][0]["code"] == "266750002"
    assert consultation["recommendedProcedure"]["kind"] == "genericProcedureRecommendation"


def test_missing_guidance_items(loaded):
    """Missing items are told by name."""
    (found,) = guided(lambda outcome: [guidance(outcome, proposals=(), missing=(
        GuidanceItem(name="SOLITARY OR MULTIPLE"),))], loaded)
    assert (found["missingGuidanceInformation"], found["recommendationProposals"]) == (["SOLITARY OR MULTIPLE"], [])


def test_lists_that_programs_walk_are_there(infer, loaded):
    """Published programs walk these lists without looking whether they are there."""
    (procedure,), (followup,) = (infer(PELVIS, "US PELVIS COMPLETE")[kind] for kind in (
        "radiologyProcedure", "followupRecommendation"))
    assert procedure["procedureCodes"] == followup["recommendedProcedure"]["procedureCodes"] == []
    (vague,) = infer("IMPRESSION: CT in 3 months is recommended.")["followupRecommendation"]
    (part,) = vague["recommendedProcedure"]["imagingProcedures"]
    assert (vague["findings"], *(bool(part[name]["extension"]) for name in ("modality", "anatomy"))) == ([], True, True)
    (told,) = guided(lambda outcome: [guidance(outcome, present=(GuidanceItem(name="MAX DIAMETER"),))], loaded)
    assert told["presentGuidanceInformation"][0]["presentGuidanceValues"] == ["MAX DIAMETER"]


@pytest.mark.parametrize("shown", [False, True])
def test_guidance_in_history(loaded, shown):
    """Guidance about a finding of the past is told only if asked for."""
    def past(outcome):
        made = guidance(outcome)
        finding = replace(made.detail.finding, assertion=Assertion.HISTORICAL)
        return [replace(made, detail=replace(made.detail, finding=finding))]
    options = {"guidanceOptions": {"showGuidanceInHistory": shown}}
    assert len(guided(past, loaded, inferenceOptions=options)) == int(shown)


MET = {"kind": "qualityMeasure", "qualityMeasureDenominator": "INCIDENTAL PULMONARY NODULE",
       "complianceType": "performanceMet", "qualityCriteria": ["FOLLOW-UP RECOMMENDATION"]}
NOT_ELIGIBLE = {"kind": "qualityMeasure", "qualityMeasureDenominator": "CVC INSERTION",
                "complianceType": "notEligible", "qualityCriteria": []}


@pytest.mark.parametrize(("measures", "told"), [
    ((), []), (("mips364",), [MET]), (("mips76",), [NOT_ELIGIBLE]), (("mips76", "mips364"), [MET, NOT_ELIGIBLE])])
def test_quality_measures_only_as_asked(loaded, measures, told):
    """A measure is told only if its type is named, and then also that it does not judge the report."""
    def measured(outcome):
        detail = QualityMeasure(measure="mips364", title="Follow-up", year=2025, compliance=Compliance.PERFORMANCE_MET,
                                denominator="INCIDENTAL PULMONARY NODULE", criteria=("FOLLOW-UP RECOMMENDATION",))
        yield Insight(kind=Kind.QUALITY_MEASURE, statement="Met.", detail=detail, confidence=Decimal("0.9"),
                      evidence=(outcome.reading.findings[0].span,))
    options = {"qualityMeasureOptions": {"measureTypes": list(measures)}} if measures else {}
    found = guided(measured, loaded, inferenceOptions=options)
    assert [{k: v for k, v in one.items() if k != "extension"} for one in found] == told


def test_days_alone(infer):
    """A service day without a time gives days; a time that was told without a day is no moment."""
    found = infer(CHEST.replace(" on 8/31/2023", ""), at=date(2023, 8, 31).isoformat())
    assert found["followupRecommendation"][0]["effectiveAt"] == "2023-11-30"
    assert infer(PELVIS, at="2023-08-31")["ageMismatch"]


@pytest.mark.parametrize(("mode", "told"), [
    ("limited", ["2023-08-31T15:15:00+00:00"]), ("trusted", ["2023-08-31T15:15:00+00:00"]), ("safe-harbor", None)])
def test_every_mode_answers_in_the_senders_dates(loaded, mode, told):
    """Whatever de-identification does with dates, due days are the sender's; a moment of the text is lost with it."""
    setting = replace(loaded, settings=loaded.settings.model_copy(update={"mode": mode}))
    asked = request(json.dumps(job(CHEST)).encode(), settings=setting.settings, tables=setting.tables)
    result = inference.answer(inference.understood(asked, setting), asked, setting)
    found = {one["kind"]: one for one in result["patientResults"][0]["inferences"]}
    assert found["followupRecommendation"]["effectiveAt"] == "2023-11-30"
    assert found["followupCommunication"].get("communicatedAt") == told
