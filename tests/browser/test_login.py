"""Logging in, in a service that has keys."""

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.service import KEY, guarded
from tests.browser.test_pages import WIDTH, faults


@pytest.fixture(scope="module")
def closed(tmp_path_factory):
    """The address of a service that asks for a key."""
    with guarded(tmp_path_factory.mktemp("guarded")) as served:
        yield served


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing(page: Page, told, closed, axe, scheme):
    """Nothing to mend on the page that asks for the key, in light and in dark."""
    page.emulate_media(color_scheme=scheme)
    page.goto(f"{closed}/login")
    assert faults(page, axe) == []


@pytest.mark.parametrize(("width", "scale"), [(320, 1), (640, 2)])
def test_narrow_and_enlarged(browser: Browser, closed, width, scale):
    """Narrow, and at 200 %, nothing scrolls sideways."""
    context = browser.new_context(viewport={"width": width, "height": 400}, device_scale_factor=scale)
    page = context.new_page()
    page.goto(f"{closed}/login")
    assert page.evaluate(WIDTH) <= 0
    context.close()


@pytest.mark.parametrize("scripts", [True, False])
def test_a_person_logs_in_and_out(browser: Browser, closed, scripts):
    """By keyboard alone: a wrong key is told, the right one leads to where it was wanted, logging out ends it."""
    context = browser.new_context(java_script_enabled=scripts)
    page = context.new_page()
    page.goto(f"{closed}/worklist")
    expect(page.get_by_label("Key", exact=True)).to_be_focused()
    page.keyboard.type("wombat")
    page.keyboard.press("Enter")
    expect(page.get_by_role("alert")).to_contain_text("not one of the keys")
    expect(page.get_by_label("Key", exact=True)).to_be_focused()
    page.keyboard.type(KEY)
    page.keyboard.press("Enter")
    expect(page.locator("h1")).to_have_text("Worklist", timeout=30_000)  # the first page opens the store
    assert page.url == f"{closed}/worklist"
    with page.expect_navigation():
        page.get_by_role("button", name="Log out").press("Enter")
    page.goto(f"{closed}/quality")
    expect(page.get_by_label("Key", exact=True)).to_be_visible()
    context.close()
