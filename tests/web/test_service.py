"""The service as its users meet it: a process of its own, several workers."""

import json

import httpx
import pytest

from fhir_adapter.errors import SettingsError
from fhir_adapter.service.adapter import adapter
from fhir_adapter.settings import load
from fhir_adapter.web.access import check_address
from fhir_adapter.web.app import create_app
from tests.golden.twins import SAMPLES


def test_it_serves(served):
    """Health, documentation, metrics, a message and a bundle, over a real connection."""
    address, _ = served
    with httpx.Client(base_url=address, timeout=30) as http:
        message = (SAMPLES / "hl7v2" / "ct-chest-nodule.hl7").read_bytes()
        ack = http.post("/hl7v2", content=message, headers={"Content-Type": "application/hl7-v2"})
        bundle = http.post("/fhir", content=(SAMPLES / "fhir" / "transaction-mr-liver.json").read_bytes(),
                           headers={"Content-Type": "application/fhir+json"})
        paths = {path: http.get(path).status_code for path in
                 ("/health/live", "/health/ready", "/openapi.json", "/docs", "/fhir/metadata", "/metrics")}
        metrics = http.get("/metrics").text
    assert (ack.status_code, b"MSA|CA|QX0001" in ack.content, bundle.status_code) == (200, True, 200)
    assert set(paths.values()) == {200}
    assert 'fhir_adapter_requests_total{method="POST",route="/hl7v2",status="200"} 1.0' in metrics


def test_the_log_has_no_content(served):
    """Every line of the log is JSON with allow-listed keys, and no name, path or query that a client sent is in it."""
    address, log = served
    httpx.get(f"{address}/fhir/Patient?family=ZZYZX&name=QUILLON")
    httpx.post(f"{address}/QUILLON", content=b"ZZYZX")
    httpx.post(f"{address}/fhir", content=b'{"resourceType": "ZZYZX', headers={"Content-Type": "application/json"})
    written = log.read_text(encoding="utf-8")
    lines = [json.loads(line) for line in written.splitlines() if line.startswith("{")]
    assert any(line.get("event") == "request" for line in lines)
    assert [word for word in ("ZZYZX", "QUILLON", "VORPAL") if word.lower() in written.lower()] == []


def test_openapi_names_every_route(client):
    """Every route of the application stands in /openapi.json, with a sentence."""
    described = client.get("/openapi.json").get_json()["paths"]
    operations = [op for methods in described.values() for op in methods.values()]
    assert {"/hl7v2", "/fhir", "/fhir/metadata", "/health/live", "/health/ready", "/metrics", "/docs"} <= set(described)
    assert [op["operationId"] for op in operations if not op["summary"]] == []


def test_keys(tmp_path):
    """With keys set, a request without one is refused, and one with a key in either header is answered."""
    app = create_app(adapter(load(data_dir=tmp_path, key="5a" * 32, api_keys=("wombat",)))).test_client()
    assert app.get("/fhir/metadata").status_code == 401
    assert app.get("/fhir/metadata", headers={"Authorization": "Bearer wrong"}).status_code == 401
    assert app.get("/fhir/metadata", headers={"Authorization": "Bearer wombat"}).status_code == 200
    assert app.get("/fhir/metadata", headers={"Ocp-Apim-Subscription-Key": "wombat"}).status_code == 200
    assert app.get("/health/live").status_code == 200


def test_an_open_address_needs_keys(tmp_path):
    """Another address than loopback is refused at start without keys."""
    with pytest.raises(SettingsError):
        check_address(load(data_dir=tmp_path, host="0.0.0.0"))
    check_address(load(data_dir=tmp_path, host="0.0.0.0", api_keys=("wombat",)))
    check_address(load(data_dir=tmp_path, host="::1"))
