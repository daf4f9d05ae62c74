"""The results as a FHIR server gives them, to a client of our own and to foreign ones."""

import json
import shutil
import subprocess
import threading
from datetime import UTC, datetime
from uuid import uuid4

import pytest
from werkzeug.serving import make_server

from fhir_adapter.service.adapter import adapter
from fhir_adapter.service.intake import open_intake
from fhir_adapter.service.processing import process
from fhir_adapter.service.record import record
from fhir_adapter.settings import load
from fhir_adapter.store.messages import waiting
from fhir_adapter.web.app import create_app
from tests.messages import oru
from tests.store import databases

NODULE = ("FINDINGS: There is an 8 mm nodule in the right upper lobe. IMPRESSION: Acute pulmonary embolism. "
          "Recommend follow-up CT chest in 3 months.")


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def application(request, tmp_path_factory):
    """An application whose store holds three reports, one of them corrected."""
    url = None
    if request.param == "postgresql":
        server, name = request.getfixturevalue("postgresql"), f"t{uuid4().hex}"
        databases.execute(server, f"CREATE DATABASE {name}")
        url = f"{server}/{name}"
    loaded = adapter(load(data_dir=tmp_path_factory.mktemp("results"), key="5a" * 32, database=url))
    intake = open_intake(loaded.settings, loaded.tables)
    intake.take([intake.judge(payload, channel="mllp") for payload in (
        oru("1", filler="A", patient="P1", text=NODULE), oru("2", filler="B", patient="P2", text=NODULE),
        oru("3", filler="C", patient="P1"),
        oru("4", filler="B", patient="P2", text="FINDINGS: No nodule.", status="C", issued="20260310101400+0000"))])
    with intake.database.reading() as connection:
        works = waiting(connection, now=datetime.now(UTC), limit=10)
    for work in works:
        with intake.database.writing() as connection:
            record(connection, work.seq, process(work.payload, loaded), now=datetime.now(UTC), tables=loaded.tables)
    intake.database.close()
    return create_app(loaded)


@pytest.fixture(scope="module")
def web(application):
    return application.test_client()


@pytest.fixture(scope="module")
def address(application):
    """The application behind a real socket."""
    server = make_server("127.0.0.1", 0, application, threaded=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/fhir"
    server.shutdown()


def found(web, query: str) -> dict:
    return web.get(f"/fhir/{query}").get_json()


def resources(bundle: dict, mode: str = "match") -> list[dict]:
    return [entry["resource"] for entry in bundle.get("entry", []) if entry["search"]["mode"] == mode]


def total(web, query: str) -> int:
    return found(web, query)["total"]


def test_a_resource_is_read_with_its_version(web):
    """Version and time stand in meta and in the headers; the client that has it gets 304."""
    (flag, *_) = resources(found(web, "Flag?_count=1"))
    answer = web.get(f"/fhir/Flag/{flag['id']}")
    version = answer.get_json()["meta"]["versionId"]
    assert (answer.status_code, answer.headers["ETag"], answer.mimetype) == (
        200, f'W/"{version}"', "application/fhir+json")
    assert web.get(f"/fhir/Flag/{flag['id']}", headers={"If-None-Match": f'W/"{version}"'}).status_code == 304
    assert web.get(f"/fhir/Flag/{flag['id']}", headers={"If-None-Match": 'W/"99"'}).status_code == 200


@pytest.mark.parametrize("path", ["Flag/none", "Flag/none/_history", "Flag/none/_history/1", "Wombat", "Wombat/1"])
def test_what_is_not_there_is_404_with_an_outcome(web, path):
    """An OperationOutcome, not a page."""
    answer = web.get(f"/fhir/{path}")
    assert (answer.status_code, answer.get_json()["resourceType"]) == (404, "OperationOutcome")


def test_history_gives_every_version(web):
    """The corrected report has two versions, the newest first, and each can be read."""
    (report,) = resources(found(web, "DiagnosticReport?status=corrected"))
    history = web.get(f"/fhir/DiagnosticReport/{report['id']}/_history").get_json()
    assert [(e["resource"]["meta"]["versionId"], e["resource"]["status"]) for e in history["entry"]] == [
        ("2", "corrected"), ("1", "final")]
    assert web.get(f"/fhir/DiagnosticReport/{report['id']}/_history/1").get_json()["status"] == "final"
    assert web.get(f"/fhir/DiagnosticReport/{report['id']}/_history/3").status_code == 404


@pytest.mark.parametrize(("query", "number"), [
    ("DiagnosticReport", 3), ("DiagnosticReport?status=final", 2), ("DiagnosticReport?status=final,corrected", 3),
    ("DiagnosticReport?status:not=final", 1), ("DiagnosticReport?status=final&status=corrected", 0),
    ("DiagnosticReport?category=RAD", 3),
    ("DiagnosticReport?category=http://terminology.hl7.org/CodeSystem/v2-0074|RAD", 3),
    ("DiagnosticReport?category=http://wombat|RAD", 0), ("DiagnosticReport?date=ge1900", 3),
    ("DiagnosticReport?date=lt1900", 0), ("DiagnosticReport?date=gt2000&date=lt2100-01", 3),
    ("DiagnosticReport?issued=ge1900-01-01T00:00:00Z", 3), ("DiagnosticReport?_lastUpdated=gt2000", 3),
    ("DiagnosticReport?_lastUpdated=lt2000", 0), ("Patient", 2), ("Patient?gender=male", 2),
    ("Patient?gender=female", 0),
    ("Flag?status=active", 3), ("Observation?wombat=1", None), ("ServiceRequest?intent=proposal&status=draft", 1),
    ("ServiceRequest?intent=proposal&status=revoked", 1), ("Observation?status=entered-in-error", None),
])
def test_searches_find_what_they_say(web, query, number):
    """Tokens, alternatives, negation, dates with prefixes, the moment of the last change."""
    answer = web.get(f"/fhir/{query}")
    assert answer.status_code == 200
    if number is not None and not query.startswith("Flag"):
        assert answer.get_json()["total"] == number


def test_references_are_found_by_id_and_by_path(web):
    """patient=, patient=Patient/, subject:Patient= and an absolute reference are the same question."""
    (first, *_) = resources(found(web, "DiagnosticReport?status=final"))
    patient = first["subject"]["reference"]
    name = patient.removeprefix("Patient/")
    numbers = {total(web, f"DiagnosticReport?{query}") for query in (
        f"patient={name}", f"patient={patient}", f"subject={patient}", f"subject:Patient={name}",
        f"patient=http://elsewhere/fhir/{patient}")}
    assert numbers == {2}
    assert total(web, "DiagnosticReport?patient=none") == 0


def test_quantities_are_found_by_prefix_and_unit(web):
    """8 mm is more than 5, not more than 9, and not 8 cm."""
    everything = resources(found(web, "Observation?_count=100"))
    sizes = [one for one in everything if "component" in one and "8" in json.dumps(one["component"])]
    assert sizes != []
    value = "component-value-quantity"
    assert (total(web, f"Observation?{value}=gt5") > 0, total(web, f"Observation?{value}=gt9"),
            total(web, f"Observation?{value}=8||mm") > 0,
            total(web, f"Observation?{value}=8||cm")) == (True, 0, True, 0)


def test_pages_follow_their_links(web):
    """Following next gives every match once; the last page has no next."""
    names, path = [], "/fhir/Observation?_count=3"
    while path:
        bundle = web.get(path).get_json()
        names += [one["id"] for one in resources(bundle)]
        path = next((one["url"].partition("localhost")[2] for one in bundle["link"] if one["relation"] == "next"), "")
    assert (len(names), len(set(names))) == (total(web, "Observation"), total(web, "Observation"))


def test_a_count_of_nothing_is_only_the_number(web):
    """_summary=count and _count=0 give the total and no entries."""
    for query in ("Observation?_summary=count", "Observation?_count=0"):
        bundle = found(web, query)
        assert (bundle["total"] > 0, "entry" in bundle) == (True, False)


def test_includes_bring_what_matches_refer_to_and_what_refers_to_them(web):
    """Each once, marked as included."""
    bundle = found(web, "DiagnosticReport?status=corrected&_include=DiagnosticReport:subject"
                        "&_revinclude=Provenance:target")
    assert sorted(one["resourceType"] for one in resources(bundle, "include")) == ["Patient", "Provenance"]
    starred = found(web, "DiagnosticReport?_include=DiagnosticReport:*")
    brought = {one["resourceType"] for one in resources(starred, "include")}
    assert {"Patient", "Observation", "ServiceRequest"} <= brought


@pytest.mark.parametrize(("query", "same"), [
    ("DiagnosticReport?subject:Patient.gender=male", "DiagnosticReport?patient.gender=male"),
    ("Observation?based-on.status=active", "Observation?based-on:ServiceRequest.status=active"),
    ("DiagnosticReport?_has:Provenance:target:recorded=ge2000", "DiagnosticReport?_lastUpdated=ge2000"),
    ("Patient?_has:DiagnosticReport:subject:status=corrected",
     "Patient?_has:DiagnosticReport:patient:status=corrected"),
    ("Patient?_has:Observation:subject:_has:Provenance:target:recorded=ge2000",
     "Patient?_has:Observation:patient:status:missing=false"),
    ("Flag?subject._has:DiagnosticReport:subject:status=corrected",
     "Flag?patient:Patient._has:DiagnosticReport:patient:status=corrected"),
    ("Observation?status:missing=true", "Observation?status=wombat")])
def test_chains_and_reverse_chains(web, query, same):
    """Two ways to ask for the same find the same, and both are understood."""
    strict = {"Prefer": "handling=strict"}
    one, other = (web.get(f"/fhir/{path}", headers=strict) for path in (query, same))
    assert (one.status_code, other.status_code) == (200, 200)
    assert sorted(r["id"] for r in resources(one.get_json())) == sorted(r["id"] for r in resources(other.get_json()))


def test_a_chain_finds_what_it_says(web):
    """The patients of corrected reports, and the reports of those patients."""
    patients = resources(found(web, "Patient?_has:DiagnosticReport:subject:status=corrected"))
    assert len(patients) == 1
    reports = resources(found(web, f"DiagnosticReport?subject:Patient._id={patients[0]['id']}"))
    assert [one["status"] for one in reports] == ["corrected"]
    assert total(web, "DiagnosticReport?subject.gender=wombat") == 0


@pytest.mark.parametrize("query", ["Observation?subject:Wombat.gender=male", "Observation?status.code=x",
                                   "Patient?_has:Wombat:subject:status=x", "Patient?_has:Observation:status:code=x",
                                   "Patient?_has:Observation", "Observation?subject.wombat=x"])
def test_a_chain_that_leads_nowhere_is_not_understood(web, query):
    """An unknown type, a parameter that is no reference, and an unknown end: refused where the client is strict."""
    assert web.get(f"/fhir/{query}", headers={"Prefer": "handling=strict"}).status_code == 400


@pytest.mark.parametrize(("query", "has", "lacks"), [
    ("_summary=true", {"status", "code", "issued"}, {"text", "presentedForm", "conclusionCode"}),
    ("_summary=data", {"status", "code", "presentedForm"}, {"text"}),
    ("_summary=text", {"status", "code"}, {"issued", "result"}),
    ("_elements=issued", {"status", "code", "issued"}, {"result", "subject"})])
def test_less_of_each_resource(web, query, has, lacks):
    """The summary, the data, the text or some elements, always with what is mandatory, and marked as a part."""
    listed = resources(found(web, f"DiagnosticReport?{query}"))[0]
    alone = web.get(f"/fhir/DiagnosticReport/{listed['id']}?{query}").get_json()
    for one in (listed, alone):
        assert has <= one.keys()
        assert not lacks & one.keys()
        assert "SUBSETTED" in [tag["code"] for tag in one["meta"]["tag"]]


@pytest.mark.parametrize("query", ["_summary=wombat", "_summary=true&_elements=id"])
def test_a_wrong_summary_is_refused(web, query):
    """An unknown word, and two wishes that contradict each other."""
    assert web.get(f"/fhir/Observation?{query}").status_code == 400


def test_sorting(web):
    """By date and back; by the last change."""
    dates = [one["issued"] for one in resources(found(web, "DiagnosticReport?_sort=issued"))]
    back = [one["issued"] for one in resources(found(web, "DiagnosticReport?_sort=-issued"))]
    assert (dates, back) == (sorted(dates), sorted(dates, reverse=True))


@pytest.mark.parametrize(("query", "place"), [
    ("Observation?date=wombat", "date"), ("Observation?code:wombat=1", "code:wombat"),
    ("Observation?_count=-1", "_count"),
    ("Observation?_sort=wombat", "_sort"), ("Observation?_include=Observation:wombat", "_include"),
    ("Observation?value-quantity=wombat", "value-quantity")])
def test_a_wrong_search_names_its_parameter_and_not_its_value(web, query, place):
    """400 with NET-608 and the name of the parameter."""
    answer = web.get(f"/fhir/{query}")
    issue = answer.get_json()["issue"][0]
    assert (answer.status_code, place in json.dumps(issue)) == (400, True)


def test_unknown_parameters_are_left_out_or_refused(web):
    """Lenient by default, and the self link says what was understood; strict where the client asks for it."""
    bundle = found(web, "Observation?wombat=1&_count=2")
    assert "wombat" not in bundle["link"][0]["url"]
    assert web.get("/fhir/Observation?wombat=1", headers={"Prefer": "handling=strict"}).status_code == 400


def test_a_search_may_come_in_the_body(web):
    """POST _search, for parameters that should not stand in addresses."""
    answer = web.post("/fhir/DiagnosticReport/_search", data={"status": "corrected"})
    assert answer.get_json()["total"] == 1


def test_the_capability_statement_tells_the_truth(web, application):
    """Every search parameter that it names is understood in strict handling, and every type that it names is served."""
    statement = web.get("/fhir/metadata").get_json()
    values = {"date": "2026", "quantity": "5", "token": "x", "reference": "x", "string": "x"}
    for one in statement["rest"][0]["resource"]:
        if one["type"] == "Subscription":
            assert web.get("/fhir/Subscription/$status").status_code == 200
            assert [op["name"] for op in one["operation"]] == ["status", "events"]
            continue
        assert {"read", "vread", "history-instance", "search-type"} <= {i["code"] for i in one["interaction"]}
        for parameter in one["searchParam"]:
            answer = web.get(f"/fhir/{one['type']}?{parameter['name']}={values[parameter['type']]}",
                             headers={"Prefer": "handling=strict"})
            assert answer.status_code == 200, (one["type"], parameter)


def test_an_export_is_the_results_of_its_moment(web):
    """202 and an address; the manifest names a file a type; its lines are the current resources."""
    begun = web.get("/fhir/$export?_type=DiagnosticReport,Patient", headers={"Prefer": "respond-async"})
    assert begun.status_code == 202
    manifest = web.get(begun.headers["Content-Location"].partition("localhost")[2]).get_json()
    lines = {one["type"]: web.get(one["url"].partition("localhost")[2]).text.splitlines() for one in manifest["output"]}
    assert {kind: len(some) for kind, some in lines.items()} == {"DiagnosticReport": 3, "Patient": 2}
    assert sorted(json.loads(line)["status"] for line in lines["DiagnosticReport"]) == ["corrected", "final", "final"]


def test_an_earlier_export_does_not_change(web):
    """The results as of the change before the correction hold the report as it was then, also now."""
    def statuses(key: int) -> list[str]:
        lines = web.get(f"/fhir/$export/{key}/DiagnosticReport.ndjson").text.splitlines()
        return sorted(json.loads(line)["status"] for line in lines)

    last = int(web.get("/fhir/$export", headers={"Prefer": "respond-async"}).headers["Content-Location"].split("/")[-1])
    corrected = next(key for key in range(1, last + 1) if "corrected" in statuses(key))
    assert (statuses(corrected - 1), statuses(corrected)) == (["final"] * 3, ["corrected", "final", "final"])


def test_fhirpy_reads_and_searches(address):
    """A foreign Python client follows our pages and reads what it found."""
    from fhirpy import SyncFHIRClient

    client = SyncFHIRClient(address)
    reports = client.resources("DiagnosticReport").search(status="final").limit(1).fetch_all()
    assert len(reports) == 2
    assert client.reference("DiagnosticReport", reports[0].id).to_resource().status == "final"
    assert client.resources("Observation").search(patient=reports[0].subject.id).count() > 0
    assert client.resources("DiagnosticReport").include("DiagnosticReport", "subject").fetch_raw().total == 3


def test_fhir_kit_client_reads_and_searches(address, tmp_path):
    """A foreign JavaScript client reads the statement, searches, follows a page and reads a version."""
    if shutil.which("node") is None or shutil.which("npm") is None:
        pytest.skip("node and npm are not installed")
    install = ["npm", "install", "--silent", "--no-audit", "--no-fund", "--prefix", tmp_path, "fhir-kit-client@2.0.3"]
    try:
        subprocess.run(install, capture_output=True, timeout=60, check=True)
    except (subprocess.TimeoutExpired, subprocess.CalledProcessError):
        pytest.skip("npm could not install fhir-kit-client")
    script = tmp_path / "client.mjs"
    script.write_text(f"""
import {{ Client }} from "fhir-kit-client";
const client = new Client({{ baseUrl: {json.dumps(address)} }});
(async () => {{
  const statement = await client.capabilityStatement();
  const first = await client.search({{ resourceType: 'Observation', searchParams: {{ _count: 2 }} }});
  const second = await client.nextPage({{ bundle: first }});
  const one = await client.read({{ resourceType: 'Observation', id: first.entry[0].resource.id }});
  const old = await client.vread({{ resourceType: 'Observation', id: one.id, version: '1' }});
  console.log(JSON.stringify([statement.fhirVersion, second.entry.length, old.id === one.id]));
}})().catch(e => {{ console.error(e); process.exit(1); }});
""")
    done = subprocess.run(["node", script], capture_output=True, text=True, timeout=60, check=True)
    assert json.loads(done.stdout) == ["4.0.1", 2, True]
