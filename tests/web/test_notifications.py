"""FHIR servers notify over HTTP."""

from datetime import UTC, datetime

import pytest

from fhir_adapter.service.adapter import adapter
from fhir_adapter.settings import FhirServer, load
from fhir_adapter.store import sources
from fhir_adapter.web.app import create_app


@pytest.fixture(scope="module")
def application(tmp_path_factory, loaded):
    """An application whose settings name one source, and one server that is none."""
    settings = load(data_dir=tmp_path_factory.mktemp("notified"), key="5a" * 32, fhir_servers=(
        FhirServer(name="pacs", address="http://127.0.0.1:1/fhir", source=True),
        FhirServer(name="ehr", address="http://127.0.0.1:1/fhir", push=("*",))))
    return create_app(adapter(settings))


def wanted(application) -> list[str]:
    """Ids of the reports that are to be fetched."""
    with application.extensions["station"].intake.database.reading() as connection:
        return [row.id for row in sources.wanted(connection, "pacs", datetime.now(UTC), 99)]


@pytest.mark.parametrize(("method", "path", "content", "names"), [
    ("POST", "", '{"resourceType": "DiagnosticReport", "id": "a"}', "a"),
    ("PUT", "/DiagnosticReport/b", '{"resourceType": "DiagnosticReport", "id": "b"}', "b"),
    ("PUT", "/DiagnosticReport/c", "", "c")])
def test_a_notification_is_answered_when_it_is_on_disk(application, method, path, content, names):
    """At the endpoint itself or below it as servers write there; 200, and the report is put down."""
    answer = application.test_client().open(f"/v1/notifications/pacs{path}", method=method, data=content,
                                            content_type="application/fhir+json")
    assert (answer.status_code, answer.data, names in wanted(application)) == (200, b"", True)


@pytest.mark.parametrize("name", ["wombat", "ehr"])
def test_only_sources_may_notify(application, name):
    """A server that is not named, or is no source, is not known here."""
    answer = application.test_client().post(f"/v1/notifications/{name}", data="{}")
    assert (answer.status_code, answer.get_json()["issue"][0]["details"]["coding"][0]["code"]) == (404, "NET-609")


def test_what_is_no_fhir_is_refused(application):
    """400, and nothing is put down."""
    before = wanted(application)
    answer = application.test_client().post("/v1/notifications/pacs", data="wombat",
                                            content_type="application/fhir+json")
    assert (answer.status_code, wanted(application)) == (400, before)
