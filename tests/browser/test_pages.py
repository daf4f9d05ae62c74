"""Every page: axe finds nothing, the console stays empty, it can be read narrow, enlarged, dark, without scripts."""

import httpx
import pytest
from playwright.sync_api import Browser, Page

NAMES = ("overview", "messages", "messages-rejected", "message", "message-rejected", "retry", "try", "tables", "table",
         "system", "worklist", "worklist-group", "patient", "quality", "error")
WIDTH = "document.documentElement.scrollWidth - document.documentElement.clientWidth"


def faults(page: Page, axe: str) -> list[str]:
    """What axe finds, as rule and first place."""
    # Through the debugger's own world: the page's policy would run no script that is not a file of its own.
    page.evaluate(axe)
    found = page.evaluate("axe.run(document, {resultTypes: ['violations']})")
    return [f"{one['id']}: {one['nodes'][0]['target']} ({len(one['nodes'])})" for one in found["violations"]]


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("name", NAMES)
def test_axe_finds_nothing(page: Page, told, address, paths, axe, name, scheme):
    """Nothing to mend is found by axe, in light and in dark, with everything unfolded, and the console stays empty."""
    page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
    page.goto(address + paths[name])
    assert faults(page, axe) == []
    page.evaluate("document.querySelectorAll('details').forEach((one) => { one.open = true; })")
    assert faults(page, axe) == []


@pytest.mark.parametrize("name", NAMES)
def test_a_narrow_screen_scrolls_one_way(page: Page, told, address, paths, name):
    """At 320 pixels (WCAG 1.4.10) nothing but tables scrolls sideways."""
    page.set_viewport_size({"width": 320, "height": 640})
    page.goto(address + paths[name])
    assert page.evaluate(WIDTH) <= 0


@pytest.mark.parametrize("name", NAMES)
def test_enlarged_to_200_percent(browser: Browser, address, paths, name):
    """At 200 % (WCAG 1.4.4), which is half the width at twice the pixels, nothing is cut off or scrolls sideways."""
    context = browser.new_context(viewport={"width": 640, "height": 400}, device_scale_factor=2)
    page = context.new_page()
    page.goto(address + paths[name])
    assert page.evaluate(WIDTH) <= 0
    assert page.locator("h1").first.is_visible()
    context.close()


@pytest.mark.parametrize("name", NAMES)
def test_without_javascript(browser: Browser, address, paths, name):
    """Without JavaScript a page shows the same words."""
    texts = []
    for scripts in (True, False):
        context = browser.new_context(java_script_enabled=scripts)
        page = context.new_page()
        page.goto(address + paths[name])
        texts.append(" ".join(page.locator("main h1, main h2, main h3").all_inner_texts()))
        context.close()
    assert texts[0] == texts[1] != ""


@pytest.mark.parametrize("name", NAMES)
def test_nothing_foreign_is_loaded(page: Page, told, address, paths, name):
    """A page asks nobody but this service."""
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(address + paths[name])
    assert [url for url in asked if not url.startswith(address)] == []


@pytest.mark.parametrize("name", NAMES)
def test_printed(page: Page, told, address, paths, name):
    """Printed, a page has its content and no navigation."""
    page.goto(address + paths[name])
    page.emulate_media(media="print")
    assert (page.locator("header.top").is_visible(), page.locator("h1").first.is_visible()) == (False, True)


@pytest.mark.parametrize("name", NAMES)
def test_its_twin(page: Page, address, paths, name):
    """The page's own link leads to the same page as JSON, which a program that prefers it gets from the page itself."""
    page.goto(address + paths[name])
    link = page.get_by_role("link", name="this page as JSON").get_attribute("href")
    twin = httpx.get(address + link)
    same = httpx.get(address + paths[name], headers={"Accept": "application/json"})
    assert [one.headers["content-type"].split(";")[0].endswith("json") for one in (twin, same)] == [True, True]
    if name != "error":
        assert (twin.status_code, twin.json().keys()) == (200, same.json().keys())
