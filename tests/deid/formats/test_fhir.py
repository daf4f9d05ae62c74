"""FHIR JSON back as FHIR JSON without the person."""

import base64
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

    root = poisoned(json.loads(sample.read_text(encoding="utf-8")))
    out = deid.scrub_message(root, reports=reports, settings=settings, tables=tables).decode()
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
                   and k not in ("code", "display", "system", "text", "valueString", "resourceType", "status",
                                "use", "contentType", "data")}
        left += [path.name for value in removed & ours]
    assert left == []


def report(**elements) -> dict:
    return {"resourceType": "DiagnosticReport", "id": "r", "status": "final", "code": {"text": "CT CHEST"},
            "subject": {"reference": "Patient/p"}, "effectiveDateTime": "2026-01-02"} | elements


def bundle(*resources, kind="collection") -> bytes:
    patient = {"resourceType": "Patient", "id": "p", "name": [{"family": "Zzyzx", "given": ["Quillon"]}],
               "identifier": [{"value": "ZZ900817"}]}
    entries = [{"fullUrl": f"https://zz.example/{r['resourceType']}/{r['id']}", "resource": r,
                **({"request": {"method": "PUT", "url": "x"}} if kind == "transaction" else {})}
               for r in (patient, *resources)]
    return json.dumps({"resourceType": "Bundle", "type": kind, "entry": entries}).encode()


def scrubbed(payload, settings, tables) -> list[dict]:
    return [e["resource"] for e in json.loads(pipeline.scrub(payload, settings=settings, tables=tables))["entry"]]


@pytest.mark.parametrize("kind", ["collection", "transaction"])
def test_a_bundle_says_who_de_identified_it(kind, settings, tables):
    """A Provenance of all resources names the activity (ISO 21089), this software and the mode, and is valid R4."""
    from fhir.resources.R4B.bundle import Bundle

    out = json.loads(pipeline.scrub(bundle(report(), kind=kind), settings=settings, tables=tables))
    made = out["entry"][-1]["resource"]
    assert ([t["reference"].split("/")[0] for t in made["target"]], made["activity"]["coding"][0]["code"],
            made["activity"]["text"].split()[:2]) == (["Patient", "DiagnosticReport"], "pseudonymize",
                                                      ["PSEUDED", "limited"])
    Bundle.model_validate(out)


def test_narrative_is_written_anew(settings, tables):
    """What stood in a narrative is gone; what stayed of the resource is told again, escaped."""
    div = '<div xmlns="http://www.w3.org/1999/xhtml">Blorpton Grzz, MRN QQ12</div>'
    made = scrubbed(bundle(report(text={"status": "generated", "div": div}, conclusion="1 < 2 for Quillon Zzyzx")),
                    settings, tables)[1]
    assert made["text"] == {"status": "generated", "div": '<div xmlns="http://www.w3.org/1999/xhtml">'
                            f"<p>DiagnosticReport: final; CT CHEST; {made['effectiveDateTime']}; "
                            "1 &lt; 2 for [PATIENT]</p></div>"}


def test_a_report_that_is_narrative_only_keeps_its_words(settings, tables):
    """Where the words stand in the narrative alone, they stay, scrubbed as text."""
    div = '<div xmlns="http://www.w3.org/1999/xhtml"><p>No nodule in Quillon Zzyzx.</p></div>'
    made = scrubbed(bundle(report(text={"status": "additional", "div": div})), settings, tables)[1]
    assert "<p>No nodule in [PATIENT].</p>" in made["text"]["div"]


@pytest.mark.parametrize(("media", "content"), [
    ("text/plain", b"Seen: Quillon Zzyzx. A 4 mm nodule."),
    ("text/html", b"<p>Seen: Quillon Zzyzx. A 4 mm nodule.</p>"),
    ("application/rtf", rb"{\rtf1 Seen: Quillon Zzyzx. A 4 mm nodule.}")])
def test_a_document_becomes_its_scrubbed_words(media, content, settings, tables):
    """An attachment that can be read comes back as plain text without the person."""
    form = {"contentType": media, "data": base64.b64encode(content).decode(), "title": "Zzyzx"}
    (made,) = scrubbed(bundle(report(presentedForm=[form])), settings, tables)[1]["presentedForm"]
    assert (made["contentType"], base64.b64decode(made["data"]).decode().strip()) == (
        "text/plain; charset=utf-8", "Seen: [PATIENT]. A 4 mm nodule.")


def test_a_document_that_cannot_be_read_is_masked(settings, tables):
    """A picture keeps nothing."""
    form = {"contentType": "image/png", "data": base64.b64encode(b"\x89PNG Zzyzx").decode()}
    assert scrubbed(bundle(report(presentedForm=[form])), settings, tables)[1]["presentedForm"] == [{"_data": {
        "extension": [{"url": "http://hl7.org/fhir/StructureDefinition/data-absent-reason", "valueCode": "masked"}]}}]


def test_extensions_stay_by_list(settings, tables):
    """An extension of the policy stays, any other goes; a modifier extension that no one knows redacts its resource."""
    known = {"url": "http://hl7.org/fhir/us/core/StructureDefinition/us-core-birthsex", "valueCode": "F"}
    other = {"url": "https://zz.example/x", "valueString": "Zzyzx"}
    one = {"resourceType": "Observation", "id": "o", "status": "final", "code": {"text": "CT"},
           "extension": [known, other]}
    two = {**one, "id": "t", "component": [{"code": {"text": "CT"}, "modifierExtension": [other]}]}
    made = scrubbed(bundle(one, two), settings, tables)
    assert (made[1]["extension"], made[2]["resourceType"], made[2]["meta"]["security"][0]["code"]) == (
        [known], "Basic", "REDACTED")
