"""The pages about messages: found, understood, tried again, edited; whom they are about only when asked, and noted."""

import re
from datetime import UTC, datetime

import pytest

from fhir_adapter.service.adapter import adapter
from fhir_adapter.service.processing import process
from fhir_adapter.service.record import record
from fhir_adapter.settings import load
from fhir_adapter.store import audit, messages
from fhir_adapter.web.app import create_app
from tests.golden.twins import SAMPLES
from tests.messages import oru

NAMES = ("ZZYZX", "QUILLON", "ZQ4417709", "VORPAL", "19580214")


@pytest.fixture(scope="module")
def app(tmp_path_factory):
    """An application with a store of its own."""
    return create_app(adapter(load(data_dir=tmp_path_factory.mktemp("pages"), key="5a" * 32)))


@pytest.fixture(scope="module")
def person(app):
    """A client of it."""
    return app.test_client()


@pytest.fixture(scope="module")
def kept(app):
    """Ids of messages that were taken and worked on, by what they are."""
    station = app.extensions["station"]
    with app.app_context():
        intake = station.intake
    payloads = {"nodule": (SAMPLES / "hl7v2" / "ct-chest-nodule.hl7").read_bytes(),
                "refused": (SAMPLES / "hl7v2" / "refused-no-text.hl7").read_bytes(),
                "script": (SAMPLES / "hl7v2" / "other-delimiters-and-markup.hl7").read_bytes(),
                "fhir": (SAMPLES / "fhir" / "transaction-mr-liver.json").read_bytes()}
    names = {}
    for what, payload in payloads.items():
        (one,) = intake.take((intake.judge(payload, channel="http"),))
        names[what] = one.id
    with intake.database.reading() as connection:
        waiting = messages.waiting(connection, now=datetime.now(UTC), limit=20)
    for work in waiting:
        processed = process(work.payload, station.adapter)
        with intake.database.writing() as connection:
            record(connection, work.seq, processed, now=datetime.now(UTC), tables=intake.tables)
    return names


def token(answer) -> str:
    """The token of the form in an answer."""
    return re.search(r'name="csrf_token" value="([^"]+)"', answer.text)[1]


def audited(app, name) -> list[tuple[str, str]]:
    """Who did what to a message, the newest first."""
    with app.extensions["station"].intake.database.reading() as connection:
        return [(row.actor, row.action) for row in audit.listing(connection, object_id=name)]


def test_a_message_by_its_words(person, kept):
    """A query in the address finds messages, with the rule and the mend under each row."""
    answer = person.get("/messages?q=state:rejected code:HL7-108")
    assert (answer.status_code, kept["refused"] in answer.text, kept["nodule"] in answer.text) == (200, True, False)
    assert "A report has text" in answer.text
    twin = person.get("/messages.json?q=state:rejected").get_json()
    assert [(one["id"], one["code"]) for one in twin["messages"]] == [(kept["refused"], "HL7-108")]


@pytest.mark.parametrize("typed", ["ZZYZX QUILLON", "state:wombat", 'from:"ris'])
def test_what_is_no_query_comes_into_no_address(person, kept, typed):
    """What is typed is made an address only if it is a query, so that a name that was typed by mistake is in none."""
    form = {"q": typed, "csrf_token": token(person.get("/messages"))}
    answer = person.post("/messages/search", data=form)
    assert (answer.status_code, "Location" in answer.headers, 'role="alert"' in answer.text) == (400, False, True)


def test_a_query_becomes_an_address(person, kept):
    """A query that is one leads to an address that can be kept and shared."""
    form = {"q": "state:rejected", "csrf_token": token(person.get("/messages"))}
    assert person.post("/messages/search", data=form).headers["Location"] == "/messages?q=state:rejected"


def test_older_messages_are_a_page_away(person, kept, monkeypatch):
    """A page ends with a link to the next, and together they hold every message once."""
    monkeypatch.setattr("fhir_adapter.service.message_list.PAGE", 3)
    monkeypatch.setitem(__import__("fhir_adapter.service.message_list", fromlist=["listed"]).listed.__kwdefaults__,
                        "limit", 3)
    first = person.get("/messages.json").get_json()
    second = person.get(f"/messages.json?before={first['older']}").get_json()
    seen = [one["id"] for one in (*first["messages"], *second["messages"])]
    assert (len(first["messages"]), len(set(seen)), len(seen)) == (3, first["total"], first["total"])


def test_a_message_tells_nobody_whom_it_is_about(person, app, kept):
    """A message is shown without the person, in both forms, and that someone looked is noted."""
    for path in (f"/messages/{kept['nodule']}", f"/messages/{kept['nodule']}.json"):
        answer = person.get(path)
        assert [name for name in NAMES if name.lower() in answer.text.lower()] == []
        assert "Thorax" in answer.text
    assert audited(app, kept["nodule"])[:2] == [("web:loopback", "show")] * 2


@pytest.mark.parametrize("what", ["refused", "fhir"])
def test_no_message_tells_it(person, kept, what):
    """Nor does one that was refused, or one in FHIR."""
    answer = person.get(f"/messages/{kept[what]}")
    names = (*NAMES, "SNARKWELL", "Balderdash", "Clementina", "FB330912", "Fiddleton")
    assert (answer.status_code, [name for name in names if name.lower() in answer.text.lower()]) == (200, [])


def test_whom_it_is_about_is_shown_when_asked_and_noted(person, app, kept):
    """Asking shows the message as it came, needs the form's token, and is noted before anything is shown."""
    path = f"/messages/{kept['nodule']}/content"
    assert person.post(path).status_code == 400
    assert "content" not in [action for _, action in audited(app, kept["nodule"])]
    answer = person.post(path, data={"csrf_token": token(person.get(f"/messages/{kept['nodule']}"))})
    assert [name for name in NAMES if name not in answer.text] == []
    assert ("web:loopback", "content") in audited(app, kept["nodule"])
    assert person.get(path).status_code == 405


def test_evidence_insight_field_and_resource_are_tied(person, kept):
    """Words link to their insight, the insight to its words, its field is named, and its resource can be read."""
    html = person.get(f"/messages/{kept['nodule']}").text
    twin = person.get(f"/messages/{kept['nodule']}.json").get_json()
    insights = [one for group in twin["reports"][0]["report"]["groups"] for one in group["insights"]]
    for one in insights:
        assert f'id="r1-i{one["number"]}"' in html
        assert (f'href="#r1-w{one["number"]}"' in html) is not one["whole"]
    assert 'data-p="OBX[1]-5"' in html
    first = insights[0]
    assert (first["urgency"], person.get(f"/fhir/{first['type']}/{first['id']}").status_code) == ("emergent", 200)


def test_every_link_within_a_message_leads_somewhere(person, kept):
    """An insight whose words begin where another's do shares their place; no link within the page is dead."""
    html = person.get(f"/messages/{kept['nodule']}").text
    places = set(re.findall(r'\bid="([^"]+)"', html))
    assert set(re.findall(r'href="#([^"]+)"', html)) - places == set()


def test_markup_in_a_report_is_text(person, kept):
    """Script, template and attribute markup of a report is shown as it stands and is no element of the page."""
    html = person.get(f"/messages/{kept['script']}").text
    assert re.findall(r"<script(?![^>]*\bsrc=)|<img|<b>|\son\w+=", html) == []
    assert "&lt;script" in html


def test_a_refused_message_rings_its_field(person, kept):
    """The field that an issue names is marked, with the code, and the issue says rule and mend."""
    html = person.get(f"/messages/{kept['refused']}").text
    assert re.search(r'class="(field|segment) wrong"', html)
    assert "Send the text as TX, FT, ST or ED in OBX-5." in html


def test_bulk_retry_says_first_what_it_would_do(person, app, kept):
    """A retry of a query shows how many it would touch and changes nothing; the form does it, and it is noted."""
    preview = person.get("/messages/retry?q=state:rejected")
    assert "1</dt><dd>would be processed anew" in preview.text
    assert person.get("/messages/retry.json?q=state:rejected").get_json()["useless"] == 1
    assert person.get("/messages.json?q=state:rejected").get_json()["total"] == 1
    done = person.post("/messages/retry", data={"q": "state:rejected", "csrf_token": token(preview)})
    assert "1 messages will be processed anew" in done.text
    assert person.get("/messages.json?q=state:rejected").get_json()["total"] == 0
    assert ("web:loopback", "retry") in audited(app, kept["refused"])


def test_one_message_is_tried_again(person, kept):
    """The button of a message has it processed anew."""
    page = person.get(f"/messages/{kept['fhir']}")
    done = person.post(f"/messages/{kept['fhir']}/retry", data={"csrf_token": token(page)})
    assert done.headers["Location"] == f"/messages/{kept['fhir']}"
    assert person.get(f"/messages/{kept['fhir']}.json").get_json()["state"] == "received"


def test_an_edited_message_is_a_linked_child(person, app, kept):
    """An edited message is a new one, byte for byte with the line ends of HL7; each points to the other."""
    intake = app.extensions["station"].intake
    (one,) = intake.take((intake.judge(oru("QX-EDIT"), channel="http"),))
    page = person.get(f"/messages/{one.id}")
    text = oru("QX-EDIT").decode().replace("\r", "\r\n").replace("No pneumothorax", "No pleural effusion")
    done = person.post(f"/messages/{one.id}/edit", data={"content": text, "csrf_token": token(page)})
    child = done.headers["Location"].rsplit("/", 1)[1]
    with intake.database.reading() as connection:
        made, old = messages.find(connection, child), messages.find(connection, one.id)
    assert made.payload == oru("QX-EDIT").replace(b"No pneumothorax", b"No pleural effusion")
    assert (made.edited_from, old.replaced_by, old.payload) == (one.id, child, oru("QX-EDIT"))
    assert "took its place" in person.get(f"/messages/{one.id}").text
    assert ("web:loopback", "edit") in audited(app, one.id)


def test_a_message_that_is_not_there(person, kept):
    """An unknown id is a page that says so, and JSON for programs."""
    path = "/messages/00000000-0000-4000-8000-000000000000"
    assert person.get(path, headers={"Accept": "text/html"}).status_code == 404
    assert "NET-607" in person.get(path, headers={"Accept": "text/html"}).text
    assert person.get(f"{path}.json").get_json()["resourceType"] == "OperationOutcome"


def test_in_mode_trusted_the_report_is_hidden_too(tmp_path):
    """Where nothing is de-identified, the report itself is shown only when someone asks."""
    trusted = adapter(load(data_dir=tmp_path, key="5a" * 32, mode="trusted"))
    client = create_app(trusted).test_client()
    intake = client.application.extensions["station"].intake
    payload = (SAMPLES / "hl7v2" / "ct-chest-nodule.hl7").read_bytes()
    (one,) = intake.take((intake.judge(payload, channel="http"),))
    with intake.database.writing() as connection:
        record(connection, 1, process(payload, trusted), now=datetime.now(UTC), tables=trusted.tables)
    page = client.get(f"/messages/{one.id}")
    assert [name for name in NAMES if name.lower() in page.text.lower()] == []
    asked = client.post(f"/messages/{one.id}/content", data={"csrf_token": token(page)})
    assert ("ZZYZX" in asked.text, "pulmonary embolism" in asked.text) == (True, True)
