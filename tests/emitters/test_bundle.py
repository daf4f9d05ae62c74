"""Every case of every detector leaves as valid resources that lead nowhere astray."""

import copy
import json
import pickle

import pytest
from fhir.resources.R4B import get_fhir_model_class

from fhir_adapter import deid, emitters, insights
from fhir_adapter import settings as settings_module
from fhir_adapter.emitters.elements import coding, concept
from fhir_adapter.emitters.terminology import code_systems, structure_definitions
from fhir_adapter.model.code import Code
from fhir_adapter.model.report import Origin, Report, ReportStatus
from fhir_adapter.nlp.engine import load_engine
from tests.insights.test_cases import LOADED, report_of


@pytest.fixture(scope="module")
def convert(tables, tmp_path_factory):
    settings = settings_module.load(data_dir=tmp_path_factory.mktemp("emitters"), key="5a" * 32)
    engine = load_engine(settings, tables.language)

    def run(text="", status=ReportStatus.FINAL, case=None):
        report = report_of(case, tables) if case else Report(
            text=text, origin=Origin(format="text", identity="one"), status=status)
        safe = deid.scrub(report, settings=settings, tables=tables)
        found = insights.run(engine.read(safe), tables=tables)
        return emitters.bundle(safe, found, tables=tables, engine="test")

    return run


def _references(node):
    if isinstance(node, dict):
        if isinstance(node.get("reference"), str):
            yield node["reference"]
        for value in node.values():
            yield from _references(value)
    elif isinstance(node, list):
        for value in node:
            yield from _references(value)


@pytest.mark.parametrize(("kind", "case"), LOADED, ids=[f"{kind}-{case['id']}" for kind, case in LOADED])
def test_bundle_is_whole(kind, case, convert):
    """Nothing is left out as invalid, ids are unique, and every reference leads to a resource of the bundle."""
    made = convert(case=case)
    names = [f"{e['resource']['resourceType']}/{e['resource']['id']}" for e in made.bundle["entry"]]
    assert made.issues == ()
    assert len(names) == len(set(names))
    assert {r for r in _references(made.bundle) if not r.startswith("#")} <= set(names)


def test_same_report_gives_same_bundle(convert):
    """Converting a report again gives the same bundle to the letter."""
    text = "IMPRESSION: Large right pneumothorax. Recommend CT of the chest in 6 months.\n"
    assert json.dumps(convert(text).bundle) == json.dumps(convert(text).bundle)


def test_a_shared_part_cannot_be_changed():
    """What many resources share refuses every change; a copy of it can be changed and leaves it as it was."""
    part = coding(Code(system="urn:x", code="zzyzx"))
    for change in (lambda: part.update(code="y"), lambda: part.pop("code"), lambda: part.__setitem__("code", "y")):
        with pytest.raises(TypeError, match="shared"):
            change()
    for own in (copy.deepcopy(part), copy.copy(part), part | {}, pickle.loads(pickle.dumps(part))):
        own["code"] = "y"
    assert coding(Code(system="urn:x", code="zzyzx")) == {"system": "urn:x", "code": "zzyzx"}


def test_equal_codes_keep_the_words_that_they_came_with():
    """Codes are equal by system and code; what is shown for one is not shown for the other."""
    shown = [concept(Code(system="urn:x", code="1", display=display)) for display in ("one", "uno", "")]
    assert [one["coding"][0].get("display") for one in shown] == ["one", "uno", None]


def test_cancelled_report_withdraws_its_flags(convert):
    """The Flag of a cancelled report is inactive and its ServiceRequest revoked."""
    text = "IMPRESSION: Large right pneumothorax. Recommend CT of the chest in 6 months.\n"
    made = convert(text, ReportStatus.CANCELLED).bundle
    assert {(r["resourceType"], r["status"]) for e in made["entry"]
            if (r := e["resource"])["resourceType"] in ("Flag", "ServiceRequest")} == {
                ("Flag", "inactive"), ("ServiceRequest", "revoked")}


def test_terminology_is_valid(tables):
    """Our code systems and extensions are valid resources, and no code is given twice."""
    for resource in (*code_systems(tables), *structure_definitions()):
        get_fhir_model_class(resource["resourceType"]).model_validate(resource)
        codes = [c["code"] for c in resource.get("concept", ())]
        assert len(codes) == len(set(codes))
