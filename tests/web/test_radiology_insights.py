"""The Radiology Insights API over HTTP: statuses, headers and errors of its contract."""

import json
import re
from datetime import datetime, timedelta
from uuid import uuid4

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from fhir_adapter.errors import EngineError, StoreError
from fhir_adapter.issues import Issue
from fhir_adapter.service import inference
from fhir_adapter.service.adapter import adapter
from fhir_adapter.settings import load
from fhir_adapter.store.database import Database
from fhir_adapter.web.app import create_app
from tests.jobs import KNEE, job

NAMES = ("id", "code", "coding", "display", "description", "resourceType", "name", "family", "value", "text", "start")
_IN = ("jobData", "patients", 0)
PLACES = (
    ("jobData",), _IN[:2], _IN, ("jobData", "configuration"), ("jobData", "configuration", "inferenceOptions"),
    (*_IN, "id"), (*_IN, "details"), (*_IN, "details", "clinicalInfo"), (*_IN, "encounters"),
    (*_IN, "encounters", 0, "period"), (*_IN, "patientDocuments"), (*_IN, "patientDocuments", 0),
    *((*_IN, "patientDocuments", 0, name) for name in ("id", "createdAt", "authors", "content",
                                                       "administrativeMetadata")),
    (*_IN, "patientDocuments", 0, "administrativeMetadata", "orderedProcedures"),
    (*_IN, "patientDocuments", 0, "content", "value"))
ADDRESS = "/health-insights/radiology-insights/jobs/{}?api-version={}"
WOMBAT, QUOKKA = ({"Ocp-Apim-Subscription-Key": key} for key in ("wombat", "quokka"))


@pytest.fixture(scope="module")
def keyed(tmp_path_factory):
    """The application with two keys."""
    folder = tmp_path_factory.mktemp("keyed")
    return create_app(adapter(load(data_dir=folder, key="5a" * 32, api_keys=("wombat", "quokka"),
                                   max_message_bytes=40_000))).test_client()


def put(client, name, body=None, version="2024-10-01", headers=WOMBAT, **more):
    """A PUT of a job."""
    return client.put(ADDRESS.format(name, version), json=body or job(KNEE, "MRI RIGHT KNEE"), headers=headers, **more)


def get(client, name, version="2024-10-01", headers=WOMBAT):
    """A GET of a job."""
    return client.get(ADDRESS.format(name, version), headers=headers)


def test_a_job_is_done_when_its_put_is_answered(keyed):
    """201 with the finished job, where to ask for it, and the same for 24 hours."""
    made = put(keyed, "job-done", headers=WOMBAT | {"Repeatability-Request-ID": "1"})
    told = made.get_json()
    assert (made.status_code, told["status"], told["id"]) == (201, "succeeded", "job-done")
    assert made.headers["Operation-Location"] == (
        "http://localhost/health-insights/radiology-insights/jobs/job-done?api-version=2024-10-01")
    assert (made.headers["Repeatability-Result"], made.headers["Retry-After"]) == ("accepted", "1")
    assert re.fullmatch(r"[0-9a-f]{32}", made.headers["x-ms-request-id"])
    assert set(told) == {"id", "createdAt", "expiresAt", "updatedAt", "status", "result"}
    created, expires = (datetime.fromisoformat(told[name]) for name in ("createdAt", "expiresAt"))
    assert expires - created == timedelta(hours=24)
    found = get(keyed, "job-done")
    assert (found.status_code, found.get_json()) == (200, told)


def test_behind_a_proxy(tmp_path):
    """Operation-Location begins with the address in the settings, whatever the request came by."""
    app = create_app(adapter(load(data_dir=tmp_path, key="5a" * 32, public_url="https://zyxwell.example/ri/")))
    assert put(app.test_client(), "job-proxy").headers["Operation-Location"] == (
        "https://zyxwell.example/ri/health-insights/radiology-insights/jobs/job-proxy?api-version=2024-10-01")


def test_the_same_request_again_is_the_same_job(keyed):
    """200 for the same content, however it is laid out, and 409 for other content or another version."""
    body = job(KNEE, "MRI RIGHT KNEE")
    first = put(keyed, "job-again", body)
    again = keyed.put(ADDRESS.format("job-again", "2024-10-01"), data=json.dumps(body, indent=3, sort_keys=True),
                      content_type="application/json", headers=WOMBAT)
    assert (first.status_code, again.status_code, again.get_json()) == (201, 200, first.get_json())
    other = put(keyed, "job-again", job(KNEE, "MRI LEFT KNEE"))
    assert (other.status_code, other.headers["x-ms-error-code"]) == (409, "Conflict")
    assert put(keyed, "job-again", body, version="2024-04-01").status_code == 409


def test_another_keys_job_is_unknown(keyed):
    """A job is told to the key that made it; for another key the id is free."""
    put(keyed, "job-mine")
    assert get(keyed, "job-mine", headers=QUOKKA).status_code == 404
    assert put(keyed, "job-mine", job("FINDINGS: Clear lungs."), headers=QUOKKA).status_code == 201
    assert "lateralityDiscrepancy" in get(keyed, "job-mine").get_data(as_text=True)


@pytest.mark.parametrize(("request_", "status", "word", "code"), [
    (lambda c: get(c, "job-none"), 404, "NotFound", "API-908"),
    (lambda c: put(c, "job-bad", {"jobData": {"patients": []}}), 400, "InvalidRequest", "API-904"),
    (lambda c: put(c, "job-bad", version="2023-09-01-preview"), 400, "UnsupportedApiVersion", "API-906"),
    (lambda c: c.get("/health-insights/radiology-insights/jobs/job-bad", headers=WOMBAT), 400, "UnsupportedApiVersion",
     "API-906"),
    (lambda c: put(c, "ab"), 400, "InvalidRequest", "API-907"),
    (lambda c: put(c, "a" * 37), 400, "InvalidRequest", "API-907"),
    (lambda c: put(c, "job_"), 400, "InvalidRequest", "API-907"),
    (lambda c: put(c, "job-bad", headers={}), 401, "Unauthorized", "NET-606"),
    (lambda c: put(c, "job-bad", headers={"Ocp-Apim-Subscription-Key": "wrong"}), 401, "Unauthorized", "NET-606"),
    (lambda c: put(c, "job-big", job("knee " * 9000)), 413, "RequestTooLarge", "NET-603"),
    (lambda c: c.put(ADDRESS.format("job-bad", "2024-10-01"), data="x", content_type="text/plain", headers=WOMBAT), 415,
     "UnsupportedMediaType", "NET-600"),
    (lambda c: c.put(ADDRESS.format("job-bad", "2024-10-01"), data="{", content_type="application/json",
                     headers=WOMBAT), 400, "InvalidRequest", "API-900"),
    (lambda c: c.delete(ADDRESS.format("job-bad", "2024-10-01"), headers=WOMBAT), 405, "MethodNotAllowed", "NET-602"),
    (lambda c: c.get("/health-insights/trial-matcher/jobs/x", headers=WOMBAT), 404, "NotFound", "NET-601"),
])
def test_errors_have_the_form_of_the_api(keyed, request_, status, word, code):
    """Error object, x-ms-error-code, and our own code within; nothing of the request."""
    answer = request_(keyed)
    error = answer.get_json()["error"]
    assert (answer.status_code, error["code"], answer.headers["x-ms-error-code"]) == (status, word, word)
    assert error["innererror"] == {"code": code}
    assert set(error) <= {"code", "message", "target", "details", "innererror"}
    assert "x-ms-request-id" in answer.headers
    assert "Retry-After" not in answer.headers


def test_a_report_that_cannot_be_read_is_a_failed_job(keyed, monkeypatch):
    """The job is there, failed, with our error and nothing else."""
    def broken(*_: object) -> None:
        raise EngineError(Issue.at("NLP-400"))
    monkeypatch.setattr(inference, "understood", broken)
    told = put(keyed, "job-failed").get_json()
    assert (told["status"], told["error"]["code"], told["error"]["innererror"]) == (
        "failed", "InternalServerError", {"code": "NLP-400"})
    assert get(keyed, "job-failed").get_json() == told


def test_a_store_out_of_reach(keyed, monkeypatch):
    """503 with the time to try again; a client of the service tries again by itself."""
    def away(*_: object) -> None:
        raise StoreError(Issue.at("NET-620"))
    monkeypatch.setattr(Database, "writing", away)
    answer = put(keyed, "job-unkept")
    assert (answer.status_code, answer.headers["x-ms-error-code"], answer.headers["Retry-After"]) == (
        503, "ServiceUnavailable", "10")


@pytest.mark.parametrize("version", ["2024-04-01", "2024-08-01-preview", "2024-10-01", "2025-07-01-preview"])
def test_versions(keyed, version):
    """Each api-version is answered in its kinds."""
    text = "FINDINGS: BI-RADS 4A.\nIMPRESSION: BI-RADS 4A."
    made = put(keyed, f"job-{version}", job(text, "MAMMOGRAM"), version=version)
    kinds = {one["kind"] for one in made.get_json()["result"]["patientResults"][0]["inferences"]}
    assert ("scoringAndAssessment" in kinds) is (version in ("2024-10-01", "2025-07-01-preview"))


def test_without_keys_everyone_on_loopback_is_one_client(client):
    """An open loopback address has one owner of all jobs."""
    assert put(client, "job-open", headers={}).status_code == 201
    assert get(client, "job-open", headers={"Ocp-Apim-Subscription-Key": "any"}).status_code == 200


def test_openapi_describes_a_job(client):
    """The described body takes a job and refuses one without its patient; the described answer is the one given."""
    told = client.get("/openapi.json").get_json()["paths"]["/health-insights/radiology-insights/jobs/{name}"]["put"]
    body = Draft202012Validator(told["requestBody"]["content"]["application/json"]["schema"])
    answer = Draft202012Validator(told["responses"]["201"]["content"]["application/json"]["schema"])
    asked = job(KNEE, "MRI RIGHT KNEE", inferenceTypes=["finding"], locale="en-US")
    assert [body.is_valid(one) for one in (asked, {}, {"jobData": {"patients": []}})] == [True, False, False]
    assert answer.is_valid(put(client, "job-described", asked).get_json())
    assert [one["name"] for one in told["parameters"]] == ["name", "api-version"]


@given(st.recursive(st.none() | st.booleans() | st.integers() | st.text(max_size=5),
                    lambda inner: st.lists(inner, max_size=2)
                    | st.dictionaries(st.sampled_from(NAMES), inner, max_size=3), max_leaves=12),
       st.sampled_from(PLACES))
@hypothesis_settings(max_examples=150, deadline=None,
                     suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_no_json_is_our_fault(client, wrong, place):
    """Whatever stands in an element's place, the job is answered or refused, never a 500."""
    body = job(KNEE)
    inner = body
    for name in place[:-1]:
        inner = inner[name]
    inner[place[-1]] = wrong
    assert put(client, f"job-{uuid4().hex[:20]}", body, headers={}).status_code in (201, 400, 413)
