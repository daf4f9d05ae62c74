"""Nothing that identifies a person leaves: every command over every sample, then everything written is searched."""

import os
import re
import subprocess
import sys

import pytest

from fhir_adapter import readers
from fhir_adapter.model.report import IdentifierKind
from tests.conftest import ROOT
from tests.golden.twins import SAMPLES, samples

# The samples' people and numbers. An absurd name is found wherever it leaks.
CANARIES = (
    "zzyzx", "quillon", "vorpal", "esmerelda", "snarkwell", "thaddeus", "grimble", "blorpton", "zq4417709",
    "wibblethorpe", "zandra", "plunkett", "barnaby", "crumplehorn", "ottoline", "grubble", "flummox", "blatherskite",
    "hortense", "tarradiddle", "thistlewick", "marigold", "snodgrass", "petulant", "offenblat", "cornelius", "twaddle",
    "gromment", "gromlet", "leopoldine", "piffleworth", "mückenstürm", "björnhild", "hullabaloo", "bumbershoot",
    "kerfuffle", "fandango", "whiffletree", "jinglewit", "skulduggery", "žvęřińska", "młodomira", "gallimaufry",
    "balderdash", "clementina", "quibbleworth", "septimus", "fizzlewick", "obadiah", "hobbledehoy", "rigmarole",
    "tiddlywink", "fb330912", "010-4477", "014-7788", "nincompoop",
)


def leaks(text: str) -> list[str]:
    """The canaries that stand in a text, as words."""
    low = text.lower()
    return [c for c in CANARIES if re.search(rf"(?<!\w){re.escape(c)}(?!\w)", low)]


def test_the_canaries_are_in_the_samples():
    """The search can fail: most canaries are in the samples themselves."""
    read = " ".join(m.decode("utf-16" if m[:2] == b"\xff\xfe" else "utf-8", "replace") for s in samples()
                    for m in (s.read_bytes(),))
    assert len(leaks(read)) > 40


def test_readers_know_the_people(settings, tables):
    """The reader names the patient of every sample that is read, so that the text can be searched for them."""
    payload = (SAMPLES / "hl7v2" / "ct-chest-nodule.hl7").read_bytes()
    (report,) = readers.choose(payload).read(payload, settings=settings, tables=tables)
    assert "ZZYZX" in " ".join(i.value for i in report.identifiers if i.kind is IdentifierKind.NAME)


@pytest.mark.parametrize("command", [
    ["convert", "--format", "ndjson"], ["explain"], ["validate"], ["scrub"],
], ids=lambda c: c[0])
def test_no_command_tells_who_it_is_about(command, tmp_path):
    """No command writes a name or number of a sample's people to output, log or any file."""
    temporary = tmp_path / "tmp"
    temporary.mkdir()
    told = ""
    for folder in ("hl7v2", "fhir"):
        done = subprocess.run(
            [sys.executable, "-m", "fhir_adapter", *command, str(SAMPLES / folder)], cwd=ROOT, capture_output=True,
            check=False, env=os.environ | {"FHIR_ADAPTER_DATA_DIR": str(tmp_path / "data"), "TMPDIR": str(temporary),
                                           "FHIR_ADAPTER_LOG_LEVEL": "DEBUG", "PYTHONWARNINGS": "default"})
        text = done.stdout + done.stderr
        told += text.decode("utf-8", "replace") + text.decode("utf-16", "ignore")
    told += "".join(f.read_bytes().decode("utf-8", "replace") for f in tmp_path.rglob("*") if f.is_file())
    assert "Traceback" not in told
    assert leaks(told) == []


def test_no_twin_tells_who_it_is_about():
    """No bundle, decoded presentedForm included, holds a name or number of a sample's people."""
    import base64
    import json

    for twin in (SAMPLES / "expected").rglob("*.json"):
        text = twin.read_text(encoding="utf-8")
        for report in json.loads(text)["reports"]:
            for entry in report.get("bundle", {}).get("entry", ()):
                for form in entry["resource"].get("presentedForm", ()):
                    text += base64.b64decode(form["data"]).decode()
        assert leaks(text) == []
