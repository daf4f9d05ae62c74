"""Pages to try things and to look at the installation: nothing is kept, every table can be read, no secret is told."""

import io
import re

import pytest

from fhir_adapter.service.adapter import adapter
from fhir_adapter.settings import load
from fhir_adapter.store import traffic
from fhir_adapter.web.app import create_app
from tests.golden.twins import SAMPLES

WORDS = "FINDINGS: There is a 9 mm nodule in the right upper lobe. No pneumothorax."


@pytest.fixture(scope="module")
def app(tmp_path_factory):
    """An application with a store of its own."""
    return create_app(adapter(load(data_dir=tmp_path_factory.mktemp("trial"), key="5a" * 32)))


@pytest.fixture(scope="module")
def person(app):
    """A client of it."""
    return app.test_client()


def post(client, path, **form):
    """Send a form with its token."""
    token = re.search(r'name="csrf_token" value="([^"]+)"', client.get("/try").text)[1]
    return client.post(path, data=form | {"csrf_token": token})


def kinds(answer) -> set[str]:
    """The kinds of insight that a trial shows."""
    return {one["kind"] for report in answer.get_json()["result"]["reports"]
            for group in report["report"]["groups"] for one in group["insights"]}


def test_words_are_understood(person):
    """Pasted words show their evidence, their insights and that one is denied."""
    answer = post(person, "/try", text=WORDS)
    assert re.search(r'class="w present[^"]*"[^>]*>9 mm<', answer.text)
    assert re.search(r'class="w denied[^"]*"[^>]*>pneumothorax<', answer.text)


def test_what_is_known_of_order_and_patient_counts(person):
    """Order and sex beside the words are held against them."""
    text = "The uterus measures 7.8 x 4.1 x 5.0 cm. FINDINGS: Fracture of the left femur."
    answer = post(person, "/try.json", text=text, order="XR FEMUR RIGHT", sex="male", age="40")
    assert {"sexMismatch", "lateralityDiscrepancy"} <= kinds(answer)


def test_a_whole_message_is_understood(person):
    """A pasted message, with the line ends of a browser, is read as a message, and shown without whom it is about."""
    message = (SAMPLES / "hl7v2" / "ct-chest-nodule.hl7").read_bytes().decode()
    answer = post(person, "/try.json", text=message.replace("\r", "\r\n"))
    result = answer.get_json()["result"]
    assert (result["reports"][0]["report"]["title"], result["content"]["format"]) == (
        "CT CHEST WITH CONTRAST", "hl7v2")
    assert "criticalResult" in kinds(answer)
    assert [name for name in ("ZZYZX", "QUILLON") if name in str(result)] == []


@pytest.mark.parametrize("name", ["hl7v2/us-thyroid-pdf-document.hl7", "hl7v2/mr-brain-utf16.hl7",
                                  "fhir/transaction-mr-liver.json", "hl7v2/batch-of-three.hl7"])
def test_a_file_is_understood(person, name):
    """A file of any format is read as it is."""
    answer = post(person, "/try.json", file=(io.BytesIO((SAMPLES / name).read_bytes()), "x"))
    assert answer.get_json()["result"]["reports"]


def test_what_cannot_be_taken_says_why(person):
    """A message without a report is told with place, rule and mend."""
    message = (SAMPLES / "hl7v2" / "refused-no-text.hl7").read_bytes().decode()
    answer = post(person, "/try", text=message)
    assert (answer.status_code, "HL7-108" in answer.text, "Send the text as TX" in answer.text) == (422, True, True)


def test_a_trial_is_kept_nowhere(app, person):
    """After trials the store holds nothing."""
    post(person, "/try", text=WORDS)
    with app.extensions["station"].intake.database.reading() as connection:
        assert traffic.by_state(connection) == {}


def test_markup_in_words_is_text(person):
    """Script, markup and template text that is pasted is shown as it stands."""
    text = 'FINDINGS: A <script>alert(1)</script> {{ 7 * 7 }} "9 mm nodule" <b onload=x>.'
    html = post(person, "/try", text=text).text
    assert re.findall(r"<script(?![^>]*\bsrc=)|<b[ >]", html) == []
    assert ("&lt;script&gt;" in html, "{{ 7 * 7 }}" in html) == (True, True)


def test_samples_can_be_tried(person):
    """Every sample that the page offers opens."""
    for name in person.get("/try.json").get_json()["samples"]:
        assert person.get(f"/try?sample={name}").status_code in (200, 422)


def test_every_table_can_be_read(person):
    """Every table of the list opens and shows rows, in both forms."""
    listed = person.get("/tables.json").get_json()["tables"]
    assert len(listed) > 40
    for one in listed:
        rows = person.get(f"/table.json/{one['path']}")
        assert (rows.status_code, one["path"], rows.get_json()["total"] > 0) == (200, one["path"], True)
    assert person.get("/table/mappings/nlp/targets.json").mimetype == "text/html"


@pytest.mark.parametrize("path", ["mappings/../setup.cfg", "setup.cfg", "mappings/nlp/wombat.csv", "hl7"])
def test_nothing_but_tables_can_be_read(person, path):
    """A path that is no table is not there."""
    assert person.get(f"/table/{path}").status_code == 404


def test_a_rule_leads_to_its_row(person):
    """The rule of an insight links to the table, narrowed to the row that decided."""
    html = post(person, "/try", text="IMPRESSION: Acute pulmonary embolism.").text
    address = re.search(r'href="(/table/mappings/insights/critical_results.yaml[^"]+)"', html)[1].replace("&amp;", "&")
    assert "PULMONARY EMBOLISM" in person.get(address).text


def test_a_phrase_is_held_against_the_tables(person):
    """A phrase shows which rows know which words, also where no insight comes of it."""
    answer = post(person, "/tables/try.json", phrase="no evidence of a 3 cm mass in the left kidney").get_json()
    assert {(one["words"], one["meant"]) for one in answer["mentions"]} >= {
        ("mass", "absent"), ("3 cm", "now"), ("kidney", "site")}


def test_a_message_is_held_against_the_profile(person):
    """A message shows what does not conform; one that does is called so."""
    message = (SAMPLES / "hl7v2" / "ct-chest-nodule.hl7").read_bytes().decode()
    without = message.replace("19580214", "")
    assert "PID-7" in {one["where"] for one in post(person, "/tables/try.json", message=without).get_json()["issues"]}
    assert post(person, "/tables/try.json", message="wombat").get_json()["issues"][0]["code"] == "HL7-119"


def test_no_secret_is_told(tmp_path, monkeypatch):
    """The system page says that secrets are set and never what they are, and where each value comes from."""
    monkeypatch.setenv("FHIR_ADAPTER_LOG_LEVEL", "ERROR")
    settings = load(data_dir=tmp_path, key="5a" * 32, api_keys=("wombat", "numbat"))
    person = create_app(adapter(settings)).test_client()
    told = person.get("/system.json", headers={"Authorization": "Bearer wombat"})
    options = {one["name"]: (one["value"], one["origin"]) for one in told.get_json()["options"]}
    assert (options["key"][0], options["api_keys"][0]) == ("(set)", "(2 set)")
    assert (options["log_level"], options["port"]) == (("ERROR", "environment"), ("8080", "default"))
    assert [word for word in ("wombat", "numbat", "5a5a") if word in told.text] == []
