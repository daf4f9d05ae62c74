"""One report is answered the same way, however it arrives."""

import json

import pytest
from click.testing import CliRunner

from fhir_adapter.cli.main import cli
from fhir_adapter.model.report import JSONObject
from fhir_adapter.service import inference
from fhir_adapter.service.adapter import adapter
from fhir_adapter.settings import load
from tests.jobs import PATIENT, document_of, job
from tests.messages import oru

TEXT = ("CLINICAL HISTORY: 20-year-old woman. FINDINGS: There is a 12 mm cyst behind the left knee. "
        "IMPRESSION: Recommend ultrasound of the left knee in 3 months.")
ORDER, CODE = "MRI RIGHT KNEE", "MRKNEER"


def as_job() -> bytes:
    """The report as a job of the API."""
    body = job(TEXT, ORDER, sex="male", born="1958-02-14", at="2026-03-09T09:10:00Z")
    ordered = document_of(body)["administrativeMetadata"]["orderedProcedures"][0]
    ordered["code"]["coding"][0]["code"] = CODE
    return json.dumps(body).encode()


def as_hl7() -> bytes:
    """The report as an ORU^R01."""
    message = oru("document1", patient=PATIENT, text=TEXT).replace(b"||CT|F", b"||MR|F")
    return message.replace(b"CTCHW^CT CHEST WITH CONTRAST^L", f"{CODE}^{ORDER}^L".encode())


def as_fhir() -> bytes:
    """The report as a Bundle."""
    patient = {"resourceType": "Patient", "id": "p", "gender": "male", "birthDate": "1958-02-14",
               "identifier": [{"value": PATIENT}]}
    request = {"resourceType": "ServiceRequest", "id": "o", "status": "active", "intent": "order",
               "code": {"coding": [{"code": CODE, "display": ORDER}], "text": ORDER},
               "subject": {"reference": "Patient/p"}}
    report = {"resourceType": "DiagnosticReport", "id": "r", "status": "final", "code": {"text": ORDER},
              "subject": {"reference": "Patient/p"}, "basedOn": [{"reference": "ServiceRequest/o"}],
              "effectiveDateTime": "2026-03-09T09:10:00Z", "conclusion": TEXT}
    entries = [{"resource": resource} for resource in (patient, request, report)]
    return json.dumps({"resourceType": "Bundle", "id": "document1", "type": "collection", "entry": entries}).encode()


def as_words() -> bytes:
    """The report as plain words with what is known of patient and order."""
    return json.dumps({
        "text": TEXT, "id": "document1", "service": "2026-03-09T09:10:00Z", "order": {"text": ORDER, "code": CODE},
        "patient": {"id": PATIENT, "sex": "male", "birthDate": "1958-02-14"}}).encode()


@pytest.fixture(scope="module")
def loaded(tmp_path_factory):
    """Settings, tables and engine, loaded once."""
    return adapter(load(data_dir=tmp_path_factory.mktemp("answers"), key="5a" * 32))


def answer(payload: bytes, loaded) -> JSONObject:
    """The answer to the one report of a message."""
    ((_, told),) = inference.answered(payload, loaded)
    return told


@pytest.mark.parametrize("way", [as_hl7, as_fhir, as_words])
def test_the_same_answer_for_every_format(loaded, way):
    """Side, sex, age, dates, order, ids and the places of words reach the answer from each format as from a job."""
    told = answer(as_job(), loaded)
    kinds = {one["kind"] for one in told["patientResults"][0]["inferences"]}
    assert {"lateralityDiscrepancy", "sexMismatch", "ageMismatch", "radiologyProcedure", "finding",
            "followupRecommendation"} <= kinds
    assert answer(way(), loaded) == told


def test_a_job_is_answered_as_it_asks(loaded):
    """The configuration of a job holds wherever it comes from."""
    body = json.loads(as_job())
    body["jobData"]["configuration"] = {"inferenceTypes": ["sexMismatch"], "includeEvidence": False}
    (found,) = answer(json.dumps(body).encode(), loaded)["patientResults"][0]["inferences"]
    assert (found["kind"], set(found)) == ("sexMismatch", {"kind", "sexIndication"})


def test_the_command_line_prints_the_answer(loaded, tmp_path, monkeypatch):
    """`convert --format radiology-insights` prints it: indented for one report, a line each for several."""
    monkeypatch.setenv("FHIR_ADAPTER_DATA_DIR", str(tmp_path / "data"))
    for name, payload in (("one", as_hl7()), ("two", as_words())):
        (tmp_path / name).write_bytes(payload)
    done = CliRunner().invoke(cli, ["convert", "--format", "radiology-insights", str(tmp_path / "one"),
                                    str(tmp_path / "two")])
    assert (done.exit_code, [json.loads(line) for line in done.stdout.splitlines()]) == (
        0, [answer(as_job(), loaded)] * 2)
