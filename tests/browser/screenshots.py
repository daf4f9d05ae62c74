"""
Pictures of every page into docs/pages/, from a demonstration of its own.

    python -m tests.browser.screenshots
"""

import tempfile
from pathlib import Path

from playwright.sync_api import sync_playwright

from tests.browser.service import ARGUMENTS, CHROMIUM, demonstration, pages
from tests.conftest import ROOT

FOLDER = ROOT / "docs" / "pages"
DARK = ("overview", "message")
SIZE = {"width": 1200, "height": 780}


def main() -> None:
    """Take them."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    with (tempfile.TemporaryDirectory() as folder, demonstration(Path(folder)) as address,
          sync_playwright() as playwright):
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        for name, path in pages(address).items():
            for scheme in ("light", "dark") if name in DARK else ("light",):
                page = browser.new_context(viewport=SIZE, color_scheme=scheme, reduced_motion="reduce").new_page()
                page.goto(address + path)
                if name == "message":
                    page.locator(".insight").first.hover()
                file = FOLDER / f"{name}{'-dark' if scheme == 'dark' else ''}.png"
                page.screenshot(path=file)
                print(f"{file.relative_to(ROOT)} {file.stat().st_size // 1000} kB")
                page.context.close()
        browser.close()


if __name__ == "__main__":
    main()
