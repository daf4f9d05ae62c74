"""Documentation is under test: what is generated is fresh, what is linked exists, what is shown runs."""

import os
import re
import shlex
import subprocess
import sys

import pytest

from tests.conftest import ROOT
from tests.docs.reference import pages

PAGES = sorted(p for folder in (ROOT, *[d for d in (ROOT / "docs").iterdir() if d.is_dir()])
               for p in folder.glob("*.md"))
BLOCKS = [block for page in PAGES
          for block in re.findall(r"```sh\n(.*?)```", page.read_text(encoding="utf-8"), re.DOTALL)]
COMMANDS = sorted({line.split(" #")[0].strip() for block in BLOCKS
                   for line in block.splitlines() if re.match(r"fhir-adapter (?!serve|worker|send|replay)", line)})
REFUSED = {"fhir-adapter convert --sample refused-order", "fhir-adapter convert --format ndjson samples/hl7v2/"}


@pytest.mark.parametrize(("path", "text"), list(pages()), ids=lambda v: getattr(v, "stem", ""))
def test_generated_pages_are_fresh(path, text):
    """A page made from code says what the code says (refresh: python -m tests.docs --write)."""
    assert path.read_text(encoding="utf-8") == text


@pytest.mark.parametrize("page", PAGES, ids=lambda p: p.name)
def test_links_lead_somewhere(page):
    """Every relative link of a page leads to a file of the project."""
    links = re.findall(r"\]\((?!https?://|#|mailto:)([^)#]+)", page.read_text(encoding="utf-8"))
    assert [link for link in links if not (page.parent / link).exists()] == []


@pytest.mark.parametrize("command", COMMANDS)
def test_commands_run_as_they_stand(command, tmp_path):
    """A command that a page shows runs, and ends with the exit code that its page speaks of."""
    words = [sys.executable, "-m", "fhir_adapter", *shlex.split(command)[1:]]
    done = subprocess.run(words, cwd=ROOT, capture_output=True, text=True, check=False,
                          env=os.environ | {"FHIR_ADAPTER_DATA_DIR": str(tmp_path)})
    expected = {1} if command in REFUSED else ({0, 1} if " validate " in command else {0})
    assert (done.returncode in expected, "Traceback" in done.stderr) == (True, False)


def test_ci_runs_the_readme():
    """CI runs exactly the test command of the README."""
    blocks = re.findall(r"```sh\n(.*?)\n```", (ROOT / "README.md").read_text(encoding="utf-8"), re.DOTALL)
    assert blocks[1] in (ROOT / ".ci" / "run").read_text(encoding="utf-8").splitlines()
