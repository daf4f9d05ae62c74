"""The house stands as the map says."""

import configparser
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import ROOT

PACKAGE = ROOT / "fhir_adapter"
MODULES = sorted(PACKAGE.rglob("*.py"))


def test_imports_keep_the_contracts():
    """A layer imports only from below, and the middle needs no third party (contracts in setup.cfg)."""
    done = subprocess.run([Path(sys.executable).with_name("lint-imports"), "--no-cache"], cwd=ROOT, capture_output=True,
                          text=True, check=False)
    assert (done.returncode, done.stdout if done.returncode else "") == (0, "")


ROOMS = {
    "spacy": ("nlp/medspacy.py",),
    "medspacy": ("nlp/medspacy.py",),
    "ahocorasick_rs": ("scan/",),
    "hl7apy": ("readers/hl7v2/conformance.py",),
    "fhir.resources": ("readers/fhir/", "emitters/"),
    "cryptography": ("deid/", "transport/smart.py"),
    "jwt": ("transport/smart.py",),
    "httpx": ("transport/peer.py",),
    "flask": ("web/",),
    "jinja2": ("evaluation/page.py", "web/"),
    "pydicom": ("readers/dicom/", "deid/formats/dicom/", "emitters/dicom_sr.py"),
    "jsonschema": ("tables/",),
    "jsonschema_rs": ("tables/",),
    "msgspec": ("emitters/written.py",),
    "sqlalchemy": ("store/",),
    "alembic": ("store/",),
    "psycopg": ("store/",),
    "asyncio": ("transport/", "service/"),
    "click": ("cli/",),
    "rich": ("cli/",),
    "pypdf": ("readers/documents.py",),
    "striprtf": ("readers/documents.py",),
    "bs4": ("readers/documents.py",),
}


@pytest.mark.parametrize("library", ROOMS)
def test_each_third_party_has_one_room(library):
    """A library is imported only in the room that is given to it."""
    pattern = re.compile(rf"^\s*(?:from|import) {re.escape(library)}(?:[. ]|$)", re.MULTILINE)
    users = {str(m.relative_to(PACKAGE)) for m in MODULES if pattern.search(m.read_text(encoding="utf-8"))}
    assert {user for user in users if not user.startswith(ROOMS[library])} == set()


def test_only_scrub_makes_safe_reports():
    """No code but deid.scrub constructs a SafeReport or a SafeText."""
    pattern = re.compile(r"\b(?:SafeReport|SafeText)\(")
    makers = {str(m.relative_to(PACKAGE)) for m in MODULES if pattern.search(m.read_text(encoding="utf-8"))}
    assert makers - {"model/safe.py"} == {"deid/scrub.py"}


def test_no_room_is_a_lumber_room():
    """No module is called utils, helpers, common, misc or manager."""
    assert [m for m in MODULES if m.stem in {"utils", "helpers", "common", "misc", "manager"}] == []


def test_data_folders_are_no_packages():
    """mappings/, hl7/ and samples/ have no __init__.py (hl7/ would shadow the library of that name)."""
    assert [name for name in ("mappings", "hl7", "samples") if list((ROOT / name).rglob("__init__.py"))] == []


def test_the_package_list_is_complete():
    """setup.cfg lists every package of the tree and the three data folders."""
    config = configparser.ConfigParser()
    config.read(ROOT / "setup.cfg", encoding="utf-8")
    listed = set(config["options"]["packages"].split())
    tree = {".".join(p.parent.relative_to(ROOT).parts) for p in PACKAGE.rglob("__init__.py")}
    assert listed == tree | {f"fhir_adapter.data.{name}" for name in ("mappings", "hl7", "samples")}


def test_issue_codes_in_use_stand_in_the_catalogue():
    """Every issue code that the code names is catalogued, and none is catalogued twice."""
    from fhir_adapter.issues import CATALOGUE

    named = {code for m in MODULES for code in re.findall(r"\"((?:HL7|FHIR|DCM|NLP|OUT|NET|DOC|TXT|API|EVAL)-\d{3})\"",
                                                         m.read_text(encoding="utf-8"))}
    assert named - set(CATALOGUE) == set()


def test_no_group_repeats_possessively():
    """Python before 3.11.5 matches possessive repetitions of groups wrongly; single characters are safe."""
    wrong = re.compile(r"\)(?:[*+?]|\{\d*,?\d*\})\+(?!\d)|\(\?>")
    places = [f"{module.relative_to(PACKAGE)}:{number}" for module in MODULES
              for number, line in enumerate(module.read_text(encoding="utf-8").splitlines(), 1)
              if wrong.search(line) and "r\"" in line]
    assert places == []
