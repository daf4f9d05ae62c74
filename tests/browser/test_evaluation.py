"""The page that `evaluate --format html` writes, opened as a file."""

import subprocess
import sys

import pytest
from playwright.sync_api import Page

from tests.browser.test_pages import WIDTH, faults
from tests.conftest import ROOT


@pytest.fixture(scope="module")
def written(tmp_path_factory) -> str:
    """Its address, with every table that it can have."""
    file = tmp_path_factory.mktemp("evaluation") / "evaluation.html"
    words = ("--format", "html", "--errors", "--volume", "300", "--compare", "compiled", "--fail-under", "finding=0.5")
    done = subprocess.run([sys.executable, "-m", "fhir_adapter", "evaluate", "samples/evaluation/gold.jsonl", *words],
                          cwd=ROOT, capture_output=True, check=True)
    file.write_bytes(done.stdout)
    return file.as_uri()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing(page: Page, axe, written, scheme):
    """Nothing to mend is found by axe, in light and in dark."""
    page.emulate_media(color_scheme=scheme)
    page.goto(written)
    assert faults(page, axe) == []


def test_a_narrow_screen_scrolls_one_way(page: Page, written):
    """At 320 pixels nothing but tables scrolls sideways."""
    page.set_viewport_size({"width": 320, "height": 640})
    page.goto(written)
    assert page.evaluate(WIDTH) <= 0
