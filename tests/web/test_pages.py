"""Pages: HTML for people, the same as JSON for programs, and nobody else may act in a person's name."""

import re

import pytest

from fhir_adapter.service.adapter import adapter
from fhir_adapter.settings import load
from fhir_adapter.web.app import create_app


@pytest.fixture
def closed(tmp_path):
    """A client of an application that wants a key."""
    return create_app(adapter(load(data_dir=tmp_path, key="5a" * 32, api_keys=("wombat", "numbat")))).test_client()


def token(answer) -> str:
    """The token of the form in an answer."""
    return re.search(r'name="csrf_token" value="([^"]+)"', answer.text)[1]


def logged_in(client) -> None:
    """Log a client in."""
    given = {"key": "wombat", "csrf_token": token(client.get("/login")), "next": "/"}
    assert client.post("/login", data=given).status_code == 302


PAGES = ("/", "/messages", "/messages/retry", "/worklist", "/quality", "/try", "/tables", "/system")


@pytest.mark.parametrize("path", PAGES)
def test_a_page_has_a_twin(client, path):
    """A page is HTML for a browser and JSON under its own address or where the client prefers it."""
    html = client.get(path, headers={"Accept": "text/html,*/*;q=0.8"})
    twin = client.get({"/": "/overview.json"}.get(path, f"{path}.json"))
    preferred = client.get(path, headers={"Accept": "application/json"})
    assert (html.status_code, html.mimetype) == (200, "text/html")
    assert (twin.status_code, twin.mimetype) == (200, "application/json")
    assert preferred.get_json().keys() == twin.get_json().keys()
    assert "Accept" in html.headers["Vary"]


@pytest.mark.parametrize("path", PAGES)
def test_a_page_runs_no_script_of_its_own(client, path):
    """No inline script, style or handler is in a page, and the policy would not run one."""
    answer = client.get(path)
    assert re.findall(r"<script(?![^>]*\bsrc=)|<style|\sstyle=|\son\w+=|javascript:", answer.text) == []
    assert "default-src 'self'" in answer.headers["Content-Security-Policy"]
    assert "unsafe" not in answer.headers["Content-Security-Policy"]


def test_a_person_without_a_key_is_led_to_the_login(closed):
    """A browser goes to the login page and back to where it wanted to go; a program is told 401."""
    answer = closed.get("/?x=1", headers={"Accept": "text/html"})
    assert (answer.status_code, answer.headers["Location"]) == (302, "/login?next=/?x%3D1")
    assert closed.get("/overview.json").status_code == 401
    assert closed.get("/fhir/metadata").status_code == 401


def test_a_session_reads_and_ends(closed):
    """After the login pages and reads of the API are answered, after the logout no more."""
    logged_in(closed)
    page = closed.get("/")
    assert (page.status_code, closed.get("/fhir/metadata").status_code) == (200, 200)
    assert closed.post("/logout", data={"csrf_token": token(page)}).status_code == 302
    assert closed.get("/overview.json").status_code == 401


def test_a_wrong_key_begins_no_session(closed):
    """A wrong key gets the form again."""
    given = {"key": "quokka", "csrf_token": token(closed.get("/login"))}
    answer = closed.post("/login", data=given)
    assert (answer.status_code, "not one of the keys" in answer.text) == (401, True)
    assert closed.get("/overview.json").status_code == 401


def test_a_session_changes_nothing_through_the_api(closed):
    """What changes something through the API needs the key itself: a cookie alone is refused."""
    logged_in(closed)
    message = b"MSH|^~\\&|A|B|C|D|2026||ORU^R01|1|P|2.5"
    assert closed.post("/hl7v2", data=message, content_type="text/plain").status_code == 401


def test_a_form_needs_its_token(closed):
    """A form without the token of the session is refused, so that a foreign page cannot send it."""
    logged_in(closed)
    assert closed.post("/logout").status_code == 400
    assert closed.get("/overview.json").status_code == 200


@pytest.mark.parametrize("target", ["https://wombat.invalid/", "//wombat.invalid", "/\\wombat.invalid", "wombat"])
def test_the_login_leads_nowhere_else(closed, target):
    """After the login a person is never sent to a foreign address."""
    given = {"key": "wombat", "csrf_token": token(closed.get("/login")), "next": target}
    assert closed.post("/login", data=given).headers["Location"] == "/"


def test_the_session_holds_no_key(closed):
    """The cookie is for this site, out of reach of scripts, and holds no key."""
    given = {"key": "wombat", "csrf_token": token(closed.get("/login"))}
    cookie = closed.post("/login", data=given).headers["Set-Cookie"]
    assert ("HttpOnly" in cookie, "SameSite=Lax" in cookie, "wombat" in cookie) == (True, True, False)


def test_a_key_that_is_taken_away_ends_its_sessions(tmp_path):
    """A session stands for its key: once that is no longer set, it opens nothing."""
    before = create_app(adapter(load(data_dir=tmp_path, key="5a" * 32, api_keys=("wombat",)))).test_client()
    logged_in(before)
    name = "fhir-adapter-8080"
    cookie = before.get_cookie(name).value
    after = create_app(adapter(load(data_dir=tmp_path, key="5a" * 32, api_keys=("numbat",)))).test_client()
    after.set_cookie(name, cookie)
    assert (before.get("/overview.json").status_code, after.get("/overview.json").status_code) == (200, 401)


def test_the_forms_of_our_own_pages_are_answered(client):
    """A browser names a page's own origin with its form, because the policy lets it; a foreign one is refused."""
    page = client.get("/messages")
    assert page.headers["Referrer-Policy"] == "same-origin"
    form = {"q": "state:failed", "csrf_token": token(page)}
    sent = {origin: client.post("/messages/search", data=form, headers={"Origin": origin}).status_code
            for origin in ("http://localhost", "http://127.0.0.1:8080", "http://wombat.invalid", "null")}
    assert sent == {"http://localhost": 302, "http://127.0.0.1:8080": 302, "http://wombat.invalid": 403, "null": 403}
