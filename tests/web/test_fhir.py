"""`POST /fhir` and what the server says of itself."""

import gzip
import json

import pytest

from tests.golden.twins import SAMPLES
from tests.readers.test_bad_input import BAD

BUNDLE = (SAMPLES / "fhir" / "transaction-mr-liver.json").read_bytes()
SINGLE = (SAMPLES / "fhir" / "single-report-contained.json").read_bytes()


@pytest.mark.parametrize(("path", "payload", "media"), [
    ("/fhir", BUNDLE, "application/fhir+json"), ("/fhir", SINGLE, "application/json"),
    ("/fhir/DiagnosticReport", SINGLE, "application/fhir+json; charset=utf-8"),
    ("/fhir/$process-message", (SAMPLES / "fhir" / "message-ct-neck.json").read_bytes(), "application/fhir+json"),
])
def test_reports_become_bundles(client, path, payload, media):
    """A bundle or a report is answered with the transaction bundle that it becomes."""
    answer = client.post(path, data=payload, content_type=media)
    kinds = {e["resource"]["resourceType"] for e in answer.get_json()["entry"]}
    assert (answer.status_code, answer.mimetype) == (200, "application/fhir+json")
    assert {"DiagnosticReport", "Provenance", "Observation"} <= kinds


def test_a_packed_body_is_unpacked(client):
    """Content-Encoding: gzip is taken; what unpacks to more than the limit is refused without being unpacked."""
    packed = client.post("/fhir", data=gzip.compress(BUNDLE), content_type="application/fhir+json",
                         headers={"Content-Encoding": "gzip"})
    bomb = client.post("/fhir", data=gzip.compress(b" " * 200_000_000), content_type="application/fhir+json",
                       headers={"Content-Encoding": "gzip"})
    assert (packed.status_code, bomb.status_code) == (200, 413)


@pytest.mark.parametrize("name", [name for name, bad in BAD.items() if bad[1].startswith("FHIR")])
def test_bad_resources_get_an_outcome(client, name):
    """Every kind of bad FHIR input gets a 4xx OperationOutcome with its code."""
    payload, code = BAD[name]
    answer = client.post("/fhir", data=payload, content_type="application/fhir+json")
    issues = answer.get_json()["issue"]
    assert answer.status_code in (400, 413, 415, 422)
    assert code in json.dumps(issues)


@pytest.mark.parametrize(("method", "path", "status"), [("GET", "/nowhere", 404), ("GET", "/hl7v2", 405),
                                                        ("POST", "/fhir/Patient", 404), ("DELETE", "/fhir", 405)])
def test_wrong_addresses_and_methods(client, method, path, status):
    """404 and 405 are OperationOutcomes too."""
    answer = client.open(path, method=method)
    assert (answer.status_code, answer.get_json()["resourceType"]) == (status, "OperationOutcome")


def test_the_capability_statement_tells_the_truth(client):
    """What the CapabilityStatement names is answered, and each FHIR route is named in it."""
    statement = client.get("/fhir/metadata").get_json()
    (rest,) = statement["rest"]
    assert statement["fhirVersion"] == "4.0.1"
    for resource in rest.get("resource", ()):
        for interaction in resource["interaction"]:
            if interaction["code"] == "create":
                assert client.post(f"/fhir/{resource['type']}", data=b"{}",
                                   content_type="application/fhir+json").status_code == 400
    assert {i["code"] for i in rest["interaction"]} == {"transaction", "batch"}
    assert [o["name"] for o in rest["operation"]] == ["process-message", "export"]
