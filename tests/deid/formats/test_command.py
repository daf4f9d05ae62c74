"""`fhir-adapter scrub` and the last look at what leaves."""

import subprocess
import sys

import pytest

from fhir_adapter import deid, pipeline, readers
from fhir_adapter.errors import EngineError
from tests.conftest import ROOT
from tests.deid.formats.test_dicom import header, written
from tests.deid.formats.test_er7 import HEAD, OBR, PID, REPORT

MESSAGE = (HEAD.format(version="2.5") + PID + OBR + REPORT).encode()


def run(folder, *arguments, command="scrub", mode="limited") -> subprocess.CompletedProcess[str]:
    import os

    return subprocess.run([sys.executable, "-m", "fhir_adapter", command, *map(str, arguments)], cwd=ROOT, text=True,
                          env=os.environ | {"FHIR_ADAPTER_DATA_DIR": str(folder / "data"),
                                            "FHIR_ADAPTER_KEY": "5a" * 32,
                                            "FHIR_ADAPTER_MODE": mode},
                          capture_output=True, check=False)


def test_a_folder_is_written_as_numbered_files_in_their_formats(tmp_path):
    """Each input has an output of its own format; file names, which may be names of people, are not taken over."""
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "ZZYZX.hl7").write_bytes(MESSAGE)
    (tmp_path / "in" / "quillon.dcm").write_bytes(written(header()))
    (tmp_path / "in" / "zz.txt").write_text("Seen on 01/02/2026 by Dr. Zzyzx.", encoding="utf-8")
    done = run(tmp_path, tmp_path / "in", "--output", tmp_path / "out", "--explain")
    written_files = sorted((tmp_path / "out").iterdir())
    assert (done.returncode, [p.name for p in written_files]) == (0, ["000001.hl7", "000002.dcm", "000003.txt"])
    assert [p.name for p in written_files if b"zzyzx" in p.read_bytes().lower()] == []


def test_other_processes_make_the_same_bytes(tmp_path, settings, tables):
    """The same key and message give the same bytes in another process."""
    (tmp_path / "m.hl7").write_bytes(MESSAGE)
    run(tmp_path, tmp_path / "m.hl7", "--output", tmp_path / "out")
    assert (tmp_path / "out" / "000001.hl7").read_bytes() == pipeline.scrub(MESSAGE, settings=settings, tables=tables)


def test_an_order_without_a_report_is_scrubbed_too(settings, tables):
    """What has no report in it, such as an admission, is given back scrubbed."""
    message = (HEAD.format(version="2.5").replace("ORU^R01", "ADT^A01") + PID).encode()
    out = pipeline.scrub(message, settings=settings, tables=tables)
    assert (out.count(b"\r"), b"ZZYZX" in out) == (2, False)


def test_an_identifier_in_a_bundle_stops_it(settings, tables):
    """A resource that still holds a number of the patient is not handed on."""
    (report,) = readers.choose(MESSAGE).read(MESSAGE, settings=settings, tables=tables)
    with pytest.raises(EngineError, match="OUT-520"):
        deid.check_bundle({"note": [{"text": "see ZZ900817"}]}, report, tables.deid)
    deid.check_bundle({"note": [{"text": "clear lungs"}]}, report, tables.deid)


def test_the_vault_command_turns_a_token_back_and_logs_no_value(tmp_path):
    """`vault find` prints the value alone; its log line names a token that it knows, never a value."""
    (tmp_path / "m.hl7").write_bytes(MESSAGE)
    done = run(tmp_path, tmp_path / "m.hl7", mode="safe-harbor")
    token = done.stdout.split("\n")[1].split("|")[3].split("^")[0]
    found = run(tmp_path, "find", token, command="vault")
    unknown = run(tmp_path, "find", "ZZ900817", command="vault")
    assert (found.stdout, token in found.stderr, "900817" in found.stderr) == ("ZZ900817\n", True, False)
    assert (unknown.returncode, unknown.stdout, "900817" in unknown.stderr) == (1, "", False)
