"""What a team does: settles what waits, says what is wrong and why, and looks at a patient and at its figures."""

import json
from uuid import uuid4

import httpx
import pytest
import yaml
from playwright.sync_api import Browser, Page, expect

from tests.browser.service import asked, until
from tests.messages import oru


def rows(page: Page, group: str):
    """What waits in one group."""
    return page.locator(f"#{group} tr[data-row]")


@pytest.mark.parametrize("scripts", [True, False])
def test_what_is_done_leaves_the_list_and_can_be_brought_back(browser: Browser, address, scripts):
    """Done takes a row from its group and puts it among what was settled lately; open again undoes it."""
    context = browser.new_context(java_script_enabled=scripts)
    page = context.new_page()
    page.goto(f"{address}/worklist")
    before, row = rows(page, "overdue").count(), rows(page, "overdue").first
    name = row.get_attribute("id")
    row.get_by_role("button", name="Done").click()
    expect(page.locator(f"#{name}")).to_have_count(0)
    expect(page.locator("#lately tbody tr").first).to_contain_text("done")
    page.locator("#lately tbody tr").first.get_by_role("button", name="open again").click()
    expect(page.locator(f"#{name}")).to_have_count(1)
    assert rows(page, "overdue").count() == before
    context.close()


@pytest.mark.parametrize("scripts", [True, False])
def test_a_rejection_becomes_a_test_case(browser: Browser, address, scripts):
    """One of the reasons is one click; the rejected insight can be taken away as a case with its text."""
    context = browser.new_context(java_script_enabled=scripts)
    page = context.new_page()
    page.goto(f"{address}/worklist?group=discrepancies")
    row = rows(page, "discrepancies").first
    row.locator("summary").click()
    row.get_by_role("button", name="side or place is wrong").click()
    page.goto(f"{address}/worklist")
    with page.expect_download() as taken:
        page.locator("#lately").get_by_role("link", name="as a test case").first.click()
    (made,) = yaml.safe_load(taken.value.path().read_text(encoding="utf-8"))
    assert (made["expect"], bool(made["text"]), bool(made["kind"])) == ([], True, True)
    context.close()


def test_the_worklist_by_keyboard_alone(page: Page, told, address):
    """J goes to the first row, Tab to what can be said of it; the focus then goes on to the row that moved up."""
    page.goto(f"{address}/worklist?group=due")
    first, second = (rows(page, "due").nth(place).get_attribute("id") for place in (0, 1))
    page.keyboard.press("j")
    for _ in range(2):
        page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent") == "Done"
    page.keyboard.press("Enter")
    expect(page.locator(f"#{first}")).to_have_count(0)
    expect(page.locator(f"#{second} td a").first).to_be_focused()
    assert page.url.startswith(f"{address}/worklist?group=due")


def test_an_insight_is_judged_beside_its_report(page: Page, told, address, paths):
    """Right and wrong can be said on the message's page too, and it shows what was said."""
    page.goto(address + paths["message"])
    insight = page.locator(".insight").first
    insight.get_by_role("button", name="Right").click()
    expect(page.locator(".insight").first).to_contain_text("Called right")
    assert page.url.startswith(address + paths["message"])


def test_a_patients_sizes_are_a_plot_and_the_same_table(page: Page, told, address, paths):
    """A lesion that was measured again and again is drawn; its numbers and words stand beside it with their links."""
    page.goto(address + paths["patient"])
    plot = page.locator("[data-plot]").first
    expect(plot.locator("canvas")).to_be_visible()
    values = json.loads(plot.get_attribute("data-plot"))["series"][0]["values"]
    table = page.locator("[data-plot] + .scroll").first
    assert [float(cell) for cell in table.locator("td.number").all_inner_texts()][:len(values)] == values
    table.locator("td a").first.click()
    expect(page.locator("[data-report]")).to_be_visible()


def test_figures_by_modality_in_the_address(page: Page, told, address):
    """A filter becomes part of the address; every plot has a table with as many weeks, and every CSV can be taken."""
    page.goto(f"{address}/quality?weeks=26")
    page.get_by_label("modality").select_option("CT")
    page.get_by_role("button", name="Show").click()
    page.wait_for_url("**/quality?*modality=CT*")
    plots = page.locator("[data-plot]")
    expect(plots.first.locator("canvas")).to_be_visible()
    for place in range(plots.count()):
        weeks = len(json.loads(plots.nth(place).get_attribute("data-plot"))["x"])
        assert plots.nth(place).locator("xpath=following-sibling::details[1]//tbody/tr").count() == weeks
    for link in {one.get_attribute("href") for one in page.get_by_role("link", name="as CSV").all()}:
        answer = httpx.get(address + link)
        assert (answer.status_code, answer.headers["content-type"].split(";")[0]) == (200, "text/csv")


def test_markup_of_a_message_is_text_everywhere(page: Page, told, address):
    """Script and markup in the report, the order and the sender act nowhere where they are shown."""
    hostile = "<img src=x onerror=document.title='acted'><script>document.title='acted'</script>"
    sent = oru(uuid4().hex[:8], sender="<b>RIS</b>", patient=uuid4().hex[:8], text=(
        f"FINDINGS: {hostile} There is a large left pneumothorax with tension. A 9 mm nodule in the right upper lobe "
        f"{hostile}. IMPRESSION: Tension pneumothorax. Recommend CT chest in 3 months {hostile}.")).replace(
            b"CT CHEST WITH CONTRAST", f"CT CHEST {hostile}".encode())
    answer = httpx.post(f"{address}/hl7v2", content=sent, headers={"Content-Type": "application/hl7-v2"})
    assert answer.status_code == 200
    found = until(lambda: next((one for one in asked(f"{address}/messages.json", q="from:ZYXWELL since:5m")["messages"]
                                if one["state"] == "processed" and "<b>" in one["sender"]), None))
    shown = asked(f"{address}/messages/{found['id']}.json")
    for path in (f"/messages/{found['id']}", "/messages", "/", "/worklist", f"/patients/{shown['patient']}",
                 "/quality"):
        page.goto(address + path)
        assert (page.locator("main img, main b:text-is('RIS'), main script").count(),
                page.title().startswith("acted")) == (0, False), path
    page.goto(f"{address}/messages/{found['id']}")
    expect(page.locator("[data-report]")).to_contain_text("<script>")


def test_what_failed_is_tried_again_all_at_once(page: Page, told, address):
    """A preview says how many; after the retry all that failed are processed."""
    page.goto(f"{address}/messages?q=state:failed")
    number = asked(f"{address}/messages.json", q="state:failed")["total"]
    page.get_by_role("link", name=f"Retry these {number}").click()
    expect(page.locator("main")).to_contain_text(f"{number}")
    page.get_by_role("button", name=f"Retry these {number}").click()
    expect(page.get_by_role("status")).to_contain_text("will be processed anew")
    assert until(lambda: asked(f"{address}/messages.json", q="state:failed")["total"] == 0)
