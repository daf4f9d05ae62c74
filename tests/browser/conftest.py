"""The browser, the service that it looks at, and axe, each skipped where it is missing except with CI=true."""

import os
import shutil
import subprocess
from collections.abc import Iterator

import pytest
from playwright.sync_api import ConsoleMessage, Page

from tests.browser.service import ARGUMENTS, CHROMIUM, demonstration, pages

AXE = "axe-core@4.14.1"


def missing(reason: str) -> None:
    """A part is not here: a failure in CI, else a reason to skip."""
    if os.environ.get("CI") == "true":
        pytest.fail(reason)
    pytest.skip(reason)


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args):
    """Debian's Chromium, not one that Playwright brings."""
    if CHROMIUM is None:
        missing("Chromium is not installed (apt-get install chromium)")
    return browser_type_launch_args | {"executable_path": CHROMIUM, "args": ARGUMENTS}


@pytest.fixture(scope="session")
def address(tmp_path_factory) -> Iterator[str]:
    """The address of a demonstration; of one that runs already where FHIR_ADAPTER_DEMONSTRATION names it."""
    if running := os.environ.get("FHIR_ADAPTER_DEMONSTRATION"):
        yield running
        return
    with demonstration(tmp_path_factory.mktemp("demonstration")) as served:
        yield served


@pytest.fixture(scope="session")
def paths(address) -> dict[str, str]:
    """The pages by name."""
    return pages(address)


@pytest.fixture(scope="session")
def axe(tmp_path_factory) -> str:
    """The script of axe, from npm."""
    if shutil.which("npm") is None:
        missing("npm is not installed")
    folder = tmp_path_factory.mktemp("axe")
    done = subprocess.run(["npm", "install", "--silent", "--no-audit", "--no-fund", "--prefix", folder, AXE],
                          capture_output=True, timeout=300, check=False)
    if done.returncode:
        missing(f"npm could not install {AXE}")
    return (folder / "node_modules" / "axe-core" / "axe.min.js").read_text(encoding="utf-8")


@pytest.fixture
def told(page: Page) -> Iterator[list[str]]:
    """What the browser's console says and what fails, while a test looks at `page`; at the end there must be none."""
    said: list[str] = []

    def hear(message: ConsoleMessage) -> None:
        # That the page itself is a 404, which one of them is meant to be, is no fault of the page.
        if message.type in ("error", "warning") and not (
                message.location["url"] == page.url and "404" in message.text):
            said.append(message.text)

    page.on("console", hear)
    page.on("pageerror", lambda error: said.append(str(error)))
    page.on("requestfailed", lambda request: said.append(f"failed: {request.url}"))
    yield said
    assert said == []
