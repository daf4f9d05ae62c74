"""
Pictures of every page into docs/pages/, from a demonstration of its own.

    python -m tests.browser.screenshots
"""

import tempfile
from pathlib import Path

from playwright.sync_api import sync_playwright

from tests.browser.service import ARGUMENTS, CHROMIUM, demonstration, guarded, pages
from tests.conftest import ROOT

FOLDER = ROOT / "docs" / "pages"
DARK = ("overview", "message", "quality", "worklist")
SIZE = {"width": 1200, "height": 780}


def main() -> None:
    """Take them."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    with (tempfile.TemporaryDirectory() as folder, tempfile.TemporaryDirectory() as other,
          demonstration(Path(folder)) as address, guarded(Path(other)) as closed, sync_playwright() as playwright):
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        addresses = {name: address + path for name, path in pages(address).items()} | {"login": f"{closed}/login"}
        for name, url in addresses.items():
            for scheme in ("light", "dark") if name in DARK else ("light",):
                page = browser.new_context(viewport=SIZE, color_scheme=scheme, reduced_motion="reduce").new_page()
                page.goto(url)
                if name == "message":
                    page.locator(".insight").first.hover()
                file = FOLDER / f"{name}{'-dark' if scheme == 'dark' else ''}.png"
                page.screenshot(path=file)
                print(f"{file.relative_to(ROOT)} {file.stat().st_size // 1000} kB")
                page.context.close()
        browser.close()


if __name__ == "__main__":
    main()
