"""What people do on the pages: with the mouse, with the keyboard alone, and without JavaScript."""

import pytest
from playwright.sync_api import Browser, Page, expect


def lit(page: Page, selector: str) -> int:
    """How many elements are lit."""
    return page.locator(f"{selector}.lit").count()


def test_pointing_at_one_lights_the_other_three(page: Page, told, address, paths):
    """Words, insight, resource and field: pointing at any of them lights the others, pointing away puts them out."""
    page.goto(address + paths["message"])
    for origin in ("[data-report] a.w.emergent", ".insight.emergent", ".insight.emergent [data-resource] > summary",
                   ".field[data-p='OBX[1]-5']"):
        page.locator(origin).first.hover()
        assert [lit(page, what) > 0 for what in ("[data-report] a", ".insight", "[data-resource] > summary",
                                                 ".field")] == [True] * 4, origin
        page.locator("h1").hover()
        assert lit(page, "") == 0


def test_the_keyboard_lights_the_other_three(page: Page, told, address, paths):
    """The same by focus alone: words, the insight's link, its resource, and the field that leads to the words."""
    page.goto(address + paths["message"])
    for origin in ("[data-report] a.w.emergent", ".insight.emergent p a", ".insight.emergent [data-resource] > summary",
                   ".field[data-p='OBX[1]-5'] dt a"):
        page.locator(origin).first.focus()
        assert [lit(page, what) > 0 for what in ("[data-report] a", ".insight", "[data-resource] > summary",
                                                 ".field")] == [True] * 4, origin


def test_words_lead_to_their_insight_without_javascript(browser: Browser, address, paths):
    """Without JavaScript the words link to their insight and the insight to its words."""
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(address + paths["message"])
    page.locator("[data-report] a.w.emergent").first.click()
    target = page.locator(".insight:target")
    expect(target).to_have_count(1)
    target.locator("p a").first.click()
    assert "-w" in page.url
    context.close()


def test_whom_it_is_about(page: Page, told, address, paths):
    """The button shows who it is about, then hides it again; the address tells nothing of it."""
    page.goto(address + paths["message"])
    name = page.locator(".field[data-p='PID-5'] dd").inner_text()
    page.get_by_role("button", name="Show who it is about").click()
    assert "^" in page.locator(".field[data-p='PID-5'] dd").inner_text() != name
    page.get_by_role("link", name="Hide who it is about").click()
    assert page.locator(".field[data-p='PID-5'] dd").inner_text() == name
    assert page.url == address + paths["message"]


@pytest.mark.parametrize("scripts", [True, False])
def test_a_message_is_edited_and_sent_again(browser: Browser, address, paths, scripts):
    """A refused message is mended in the page and sent again as a new one; the old one points to it."""
    context = browser.new_context(java_script_enabled=scripts)
    page = context.new_page()
    page.goto(f"{address}/messages?q=state:rejected code:HL7-103")
    page.locator("tr[data-row] a").first.click()
    page.get_by_role("button", name="Show who it is about").click()
    page.get_by_text("Edit and send again").click()
    field = page.get_by_label("The message, a segment a line")
    field.fill(field.input_value().replace("ORM^O01^ORM_O01", "ORU^R01^ORU_R01"))
    page.get_by_role("button", name="Send as a new message").click()
    expect(page.get_by_role("link", name="Edited from another message.")).to_be_visible()
    page.get_by_role("link", name="Edited from another message.").click()
    expect(page.get_by_role("link", name="An edited message took its place.")).to_be_visible()
    context.close()


@pytest.mark.parametrize("scripts", [True, False])
def test_messages_are_found_and_tried_again(browser: Browser, address, scripts):
    """A query finds, says how many a retry would touch, and the retry does it."""
    context = browser.new_context(java_script_enabled=scripts)
    page = context.new_page()
    page.goto(f"{address}/messages")
    page.get_by_label("Find", exact=True).fill("state:rejected code:HL7-105")
    page.get_by_role("button", name="Find").click()
    assert page.url.endswith("/messages?q=state:rejected+code:HL7-105") or "q=state:rejected" in page.url
    page.get_by_role("link", name="Retry these").click()
    page.get_by_role("button", name="Retry these").click()
    expect(page.get_by_role("status")).to_contain_text("will be processed anew")
    context.close()


def test_a_wrong_query_says_what_there_is(page: Page, told, address):
    """A name in the search field comes into no address, and the page says which words there are."""
    page.goto(f"{address}/messages")
    page.get_by_label("Find", exact=True).fill("QUILLON")
    with page.expect_response(lambda answer: "/messages/search" in answer.url):
        page.keyboard.press("Enter")
    expect(page.get_by_role("alert")).to_contain_text("state")
    assert "QUILLON" not in page.url
    told.clear()  # the browser notes that the answer was a 400


def test_a_report_is_understood_while_it_is_typed(page: Page, told, address):
    """What is typed is understood without leaving the page, and markup in it is text."""
    page.goto(f"{address}/try")
    before = page.url
    page.get_by_label("A report in words").fill(
        "FINDINGS: A 9 mm nodule in the right upper lobe. <script>document.title='acted'</script><img src=x onerror="
        "document.title='acted'>")
    expect(page.locator("#result a.w").first).to_be_visible(timeout=15000)
    expect(page.locator("#result")).to_contain_text("<script>")
    assert (page.url, page.title().startswith("Try it"), page.locator("#result img, #result script").count()) == (
        before, True, 0)


def test_a_report_is_understood_without_javascript(browser: Browser, address):
    """The button does the same without JavaScript."""
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{address}/try")
    page.get_by_label("A report in words").fill("IMPRESSION: Acute pulmonary embolism.")
    page.get_by_role("button", name="Understand it").click()
    expect(page.locator(".insight.emergent").first).to_be_visible()
    context.close()


def test_a_file_is_understood(page: Page, told, address, tmp_path):
    """A file that is chosen or dropped is understood."""
    from tests.golden.twins import SAMPLES

    page.goto(f"{address}/try")
    page.get_by_label("Or a file").set_input_files(SAMPLES / "hl7v2" / "us-thyroid-pdf-document.hl7")
    page.get_by_role("button", name="Understand it").click()
    expect(page.locator("#result h2").first).to_contain_text("THYROID")


def test_the_keyboard_alone(page: Page, told, address):
    """From the overview to a message, its evidence, whom it is about and back, without a mouse."""
    page.goto(f"{address}/")
    page.keyboard.press("Tab")
    expect(page.locator(".skip")).to_be_focused()
    page.keyboard.press("g")
    with page.expect_navigation():
        page.keyboard.press("m")
    assert page.url == f"{address}/messages"
    page.keyboard.press("/")
    expect(page.get_by_label("Find", exact=True)).to_be_focused()
    page.keyboard.type("state:processed modality:CT")
    with page.expect_navigation():
        page.keyboard.press("Enter")
    page.keyboard.press("j")
    page.keyboard.press("j")
    expect(page.locator("tr[data-row]").nth(1).locator("a").first).to_be_focused()
    page.keyboard.press("k")
    with page.expect_navigation():
        page.keyboard.press("Enter")
    page.keyboard.press("e")
    assert page.evaluate("document.activeElement.matches('[data-report] a.w')")
    assert lit(page, ".insight") > 0
    with page.expect_navigation():
        page.keyboard.press("m")
    expect(page.get_by_role("link", name="Hide who it is about")).to_be_visible()


def test_the_list_of_keys(page: Page, told, address):
    """A question mark opens the list of keys, Escape closes it."""
    page.goto(f"{address}/")
    page.keyboard.press("?")
    expect(page.get_by_role("dialog")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_be_hidden()


def test_everything_can_be_reached_by_tab(page: Page, told, address, paths):
    """Tab reaches every link, button and field that is visible, in the order of the page, and shows where it is."""
    page.goto(address + paths["messages"])
    wanted = page.evaluate("[...document.querySelectorAll('a, button, input:not([type=hidden])')]"
                           ".filter((one) => one.checkVisibility() && !one.closest('dialog')).length")
    reached = set()
    for _ in range(wanted + 20):
        page.keyboard.press("Tab")
        reached.add(page.evaluate("[...document.querySelectorAll('a, button, input')].indexOf(document.activeElement)"))
    assert len(reached - {-1}) >= wanted


def test_the_overview_keeps_itself_up_to_date(page: Page, told, address):
    """Every ten seconds the overview asks anew and stays where it is."""
    page.clock.install()
    page.goto(f"{address}/")
    with page.expect_response(lambda answer: answer.url == f"{address}/" and answer.request.resource_type == "xhr"):
        page.clock.fast_forward(11_000)
    expect(page.locator("h1")).to_have_text("Overview")
    expect(page.locator("#live")).to_have_count(1)
