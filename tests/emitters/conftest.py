"""Jobs answered without a server."""

import json

import pytest

from fhir_adapter.readers.radiology_insights import request
from fhir_adapter.service import inference
from fhir_adapter.service.adapter import adapter
from fhir_adapter.settings import load
from tests.jobs import PATIENT, job


@pytest.fixture(scope="session")
def loaded(tmp_path_factory):
    """Settings, tables and engine, loaded once."""
    return adapter(load(data_dir=tmp_path_factory.mktemp("inferences"), key="5a" * 32))


@pytest.fixture
def infer(loaded):
    """Answers a job: its inferences by kind."""
    def answered(text, *orders, **more):
        asked = request(json.dumps(job(text, *orders, **more)).encode(), settings=loaded.settings, tables=loaded.tables)
        result = inference.answer(inference.understood(asked, loaded), asked, loaded)
        (patient,) = result["patientResults"]
        assert patient["patientId"] == PATIENT
        kinds: dict[str, list] = {}
        for one in patient["inferences"]:
            kinds.setdefault(one["kind"], []).append(one)
        return kinds
    return answered
