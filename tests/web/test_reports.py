"""`/v1/reports`: the words of a report in, its insights in the same answer, nothing kept unless asked."""

from datetime import UTC, datetime

import pytest
from sqlalchemy import func, select

from fhir_adapter.service.adapter import adapter
from fhir_adapter.service.processing import process
from fhir_adapter.service.record import record
from fhir_adapter.settings import load
from fhir_adapter.store.messages import waiting
from fhir_adapter.store.schema import message
from fhir_adapter.web.app import create_app
from tests.golden.twins import SAMPLES
from tests.messages import oru

TEXT = ("FINDINGS: An 8 mm nodule in the left upper lobe of Mr. Zzyzx, seen by Dr. Vorpal on 2026-03-01.\n"
        "IMPRESSION: Nodule of the left upper lobe. Recommend CT chest in 3 months.")
REPORT = {"text": TEXT, "status": "preliminary", "service": "2026-03-09", "names": ["Vorpal, Quibble"],
          "patient": {"id": "ZQ4417709", "name": "Zzyzx, Quillon", "sex": "male", "birthDate": "1960-02-03"},
          "order": {"text": "CT CHEST RIGHT", "modality": "CT", "reason": "Cough"},
          "study": {"accession": "ACC5550177"}}
PREFER = {"Prefer": "respond-async"}
NOW = datetime(2026, 3, 9, 12, tzinfo=UTC)


@pytest.fixture(scope="module")
def station(tmp_path_factory):
    """An application with a store of its own."""
    return create_app(adapter(load(data_dir=tmp_path_factory.mktemp("reports"), key="5a" * 32)))


@pytest.fixture
def http(station):
    return station.test_client()


def kept(station) -> int:
    """How many messages are in the store."""
    with station.extensions["station"].intake.database.reading() as connection:
        return connection.execute(select(func.count()).select_from(message)).scalar_one()


def work(station) -> None:
    """Process what waits, as the worker would."""
    place = station.extensions["station"]
    with place.intake.database.writing() as connection:
        for one in waiting(connection, now=NOW, limit=100):
            record(connection, one.seq, process(one.payload, place.adapter), now=NOW, tables=place.adapter.tables)


def found(answer, kind: str) -> list:
    """The insights of this kind."""
    return [one for one in answer.get_json()["reports"][0]["insights"] if one["kind"] == kind]


def test_words_and_order_are_answered_with_insights(http):
    """A side that the order contradicts, and a follow-up, each with the places of its words in the text as sent."""
    answer = http.post("/v1/reports", json=REPORT)
    (sides,), (follow_up,) = found(answer, "lateralityDiscrepancy"), found(answer, "followupRecommendation")
    assert (answer.status_code, answer.get_json()["reports"][0]["status"]) == (200, "preliminary")
    assert "left" in {TEXT[one["start"]:one["end"]] for one in sides["evidence"]}
    assert [TEXT[one["start"]:one["end"]] for one in follow_up["evidence"]][:1] == ["Recommend"]


def test_a_due_date_is_the_senders(http):
    """Three months from the day of the examination, not from the day that it is moved to."""
    (follow_up,) = found(http.post("/v1/reports", json=REPORT), "followupRecommendation")
    assert follow_up["due"] == "2026-06-09"


def test_fhir_is_answered_where_it_is_asked_for(http):
    """The same as the transaction Bundle that is made elsewhere, and no name in it."""
    answer = http.post("/v1/reports", json=REPORT, headers={"Accept": "application/fhir+json"})
    assert (answer.mimetype, answer.get_json()["type"]) == ("application/fhir+json", "transaction")
    named = ("zzyzx", "quillon", "vorpal", "4417709", "1960-02-03")
    assert [name for name in named if name in answer.text.lower()] == []


def test_words_alone_say_the_rest_in_headers(http):
    """text/plain with headers means what the JSON object means."""
    headers = {"Report-Status": "preliminary", "Report-Service": "2026-03-09", "Patient-Id": "ZQ4417709",
               "Patient-Name": "Zzyzx, Quillon", "Patient-Sex": "male", "Patient-Birth-Date": "1960-02-03",
               "Order-Text": "CT CHEST RIGHT", "Order-Modality": "CT", "Order-Reason": "Cough",
               "Study-Accession": "ACC5550177"}
    plain = http.post("/v1/reports", data=TEXT.encode(), content_type="text/plain; charset=utf-8", headers=headers)
    whole = http.post("/v1/reports", json={name: one for name, one in REPORT.items() if name != "names"})
    assert plain.get_json() == whole.get_json()


@pytest.mark.parametrize(("sample", "media"), [("hl7v2/ct-chest-nodule.hl7", "application/hl7-v2"),
                                               ("hl7v2/ct-chest-nodule.hl7", "text/plain"),
                                               ("fhir/transaction-mr-liver.json", "application/fhir+json"),
                                               ("fhir/transaction-mr-liver.json", "application/json")])
def test_messages_of_other_formats_are_answered_too(http, sample, media):
    """HL7 v2 and FHIR under any of their media types."""
    answer = http.post("/v1/reports", data=(SAMPLES / sample).read_bytes(), content_type=media)
    assert (answer.status_code, len(answer.get_json()["reports"])) == (200, 1)


def test_nothing_is_kept(http, station):
    """Neither here, nor of an HL7 message whose results are asked for instead of an acknowledgement."""
    before = kept(station)
    http.post("/v1/reports", json=REPORT)
    answer = http.post("/hl7v2", data=oru("W1"), content_type="application/hl7-v2",
                       headers={"Prefer": "return=representation"})
    assert (answer.get_json()["resourceType"], answer.headers["Preference-Applied"], kept(station)) == (
        "Bundle", "return=representation", before)


@pytest.mark.parametrize(("change", "code", "place"), [
    ({"text": None}, "TXT-800", "text"),
    ({"text": "  \n"}, "TXT-800", "text"),
    ({"txet": "x"}, "TXT-801", ""),
    ({"patient": {"nmae": "x"}}, "TXT-801", "patient"),
    ({"patient": "x"}, "TXT-802", "patient"),
    ({"patient": {"sex": "wombat"}}, "TXT-802", "patient.sex"),
    ({"patient": {"age": "7"}}, "TXT-802", "patient.age"),
    ({"patient": {"age": True}}, "TXT-802", "patient.age"),
    ({"service": "2026-02-31"}, "TXT-802", "service"),
    ({"service": "2026-02-03T10:00"}, "TXT-802", "service"),
    ({"names": [1]}, "TXT-802", "names"),
])
def test_a_wrong_field_is_named(http, change, code, place):
    """422 with code and place; a name that is none is not repeated."""
    answer = http.post("/v1/reports", json=REPORT | change)
    issues = [(one["details"]["coding"][0]["code"], (one.get("expression") or one.get("location", [""]))[0])
              for one in answer.get_json()["issue"]]
    assert (answer.status_code, issues) == (422, [(code, place)])


def test_nothing_is_taken_from_an_address(http):
    """A query is refused: addresses are written down where no patient may be."""
    assert http.post("/v1/reports?patient=ZZYZX", json=REPORT).status_code == 400


@pytest.mark.parametrize("address", ["/v1/reports", "/fhir"])
def test_a_report_is_kept_where_it_is_asked_for(http, station, address):
    """202 with an address; what stands there says first that it waits, then what became of it."""
    payload = (SAMPLES / "fhir/transaction-mr-liver.json").read_bytes() if address == "/fhir" else None
    taken = http.post(address, data=payload, json=None if payload else REPORT, headers=PREFER,
                      content_type="application/fhir+json" if payload else None)
    place = taken.headers["Content-Location"]
    early = http.get(place)
    work(station)
    late, resources = http.get(place), http.get(place, headers={"Accept": "application/fhir+json"}).get_json()
    assert (taken.status_code, early.status_code, early.get_json()["state"]) == (202, 202, "received")
    assert (late.status_code, late.get_json()["state"]) == (200, "processed")
    assert late.get_json()["results"] == [f"{one['resource']['resourceType']}/{one['resource']['id']}"
                                          for one in resources["entry"]]
    assert "DiagnosticReport" in {one["resource"]["resourceType"] for one in resources["entry"]}


def test_what_cannot_be_taken_is_refused_at_once(http):
    """Asked for later or not, a wrong report is refused in the answer."""
    answer = http.post("/v1/reports", json={"text": ""}, headers=PREFER)
    assert (answer.status_code, answer.get_json()["resourceType"]) == (422, "OperationOutcome")


def test_there_is_no_other_job(http):
    """404 for an address that was never given."""
    assert http.get("/v1/reports/wombat").status_code == 404


def test_openapi_describes_the_fields(http):
    """The schema of the object lists the fields that are taken, and `text` is required."""
    operation = http.get("/openapi.json").get_json()["paths"]["/v1/reports"]["post"]
    schema = operation["requestBody"]["content"]["application/json"]["schema"]
    assert (schema["required"], set(schema["properties"]["patient"]["properties"])) == (
        ["text"], {"id", "name", "sex", "birthDate", "age"})
    assert "Patient-Sex" in {one["name"] for one in operation["parameters"]}
