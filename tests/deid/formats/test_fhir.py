"""FHIR JSON back as FHIR JSON without the person."""

import json
import re

import pytest

from fhir_adapter import pipeline, readers
from fhir_adapter.deid.keys import keys_of
from tests.conftest import ROOT

SAMPLES = sorted(p for p in (ROOT / "samples" / "fhir").glob("*.json") if not p.name.startswith("refused"))


def poisoned(value, key=""):
    """The same JSON with a canary in every string that does not make it another kind of resource or report."""
    if isinstance(value, dict):
        return {k: poisoned(v, k) for k, v in value.items()} | {"extension": [{"url": "Qzxcanary", "valueString":
                                                                             "Qzxcanary"}]}
    if isinstance(value, list):
        return [poisoned(v, key) for v in value]
    return "Qzxcanary" if isinstance(value, str) and key not in ("resourceType", "data", "div", "conclusion") else value


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda p: p.name)
def test_no_canary_comes_through_any_string(sample, settings, tables):
    """A word in every string element, with extensions everywhere, is nowhere in what is given back."""
    reports = readers.choose(sample.read_bytes()).read(sample.read_bytes(), settings=settings, tables=tables)
    from fhir_adapter import deid

    payload = json.dumps(poisoned(json.loads(sample.read_text(encoding="utf-8")))).encode()
    out = deid.scrub_message(payload, reports=reports, settings=settings, tables=tables).decode()
    # Free text is judged by the text recognisers, which know names and not canaries.
    free = re.sub(r'"(valueString|text|conclusion)": "[^"]*"', "", out)
    assert re.findall("qzx", free.lower()) == []


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda p: p.name)
def test_references_still_lead_to_their_resources(sample, settings, tables):
    """Full URLs and references are rewritten together: what could be followed before can be followed after."""
    before = json.loads(sample.read_text(encoding="utf-8"))
    after = json.loads(pipeline.scrub(sample.read_bytes(), settings=settings, tables=tables))

    def followed(root) -> int:
        urls = [e.get("fullUrl") for e in root.get("entry", ())]
        urls += [f"{e['resource'].get('resourceType')}/{e['resource'].get('id')}" for e in root.get("entry", ())
                 if "resource" in e]
        return sum(url in urls for url in re.findall(r'"reference": "([^"]+)"', json.dumps(
            [e.get("resource") for e in root.get("entry", ()) if e.get("resource", {}).get("resourceType")
             == "DiagnosticReport"])))

    assert followed(after) == followed(before)


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda p: p.name)
def test_every_resource_says_that_it_is_pseudonymised(sample, settings, tables):
    """`meta.security` of every resource is PSEUDED, or REDACTED where nothing of it is allowed."""
    after = json.loads(pipeline.scrub(sample.read_bytes(), settings=settings, tables=tables))
    resources = [after, *(e["resource"] for e in after.get("entry", ()) if "resource" in e)]
    assert {r["meta"]["security"][0]["code"] for r in resources} <= {"PSEUDED", "REDACTED"}


def test_one_patient_has_one_shift_whatever_the_issuer_is_called(settings):
    """The days depend on the number alone, which HL7, FHIR and DICOM share, not on how they call its issuer."""
    keys = keys_of(settings)
    assert len({keys.shift(k) for k in ("ZZ1|ZZFAC", "ZZ1|urn:oid:1.2.3", "ZZ1|", "ZZ1")}) == 1


def test_what_another_tool_removes_is_gone_here_too(shared_data, settings, tables):
    """Of eight resources of cumulus-etl's own tests, no name, address, number or telecom that it removes is left."""
    def leaves(value, key=""):
        if isinstance(value, dict):
            return [leaf for k, v in value.items() for leaf in leaves(v, k)]
        if isinstance(value, list):
            return [leaf for v in value for leaf in leaves(v, key)]
        return [(key, value)] if isinstance(value, str) else []

    left, folder = [], shared_data / "deid" / "fhir-pairs"
    for path in sorted((folder / "input").iterdir()):
        theirs = {v for _, v in leaves(json.loads((folder / "output" / path.name).read_text(encoding="utf-8")))}
        ours = {v for _, v in leaves(json.loads(pipeline.scrub(path.read_bytes(), settings=settings, tables=tables)))}
        removed = {v for k, v in leaves(json.loads(path.read_text(encoding="utf-8"))) if v not in theirs
                   # Codes and their words, which we keep where the vocabulary knows them, and free text.
                   and k not in ("code", "display", "system", "text", "valueString", "resourceType")}
        left += [path.name for value in removed & ours]
    assert left == []
