"""Archives into the store: every message once, whatever happens in between."""

import csv
import json
import os
import signal
import stat
import subprocess
import sys
import time
import zipfile
from pathlib import Path

import pytest
from sqlalchemy import func, select

from fhir_adapter.service import backfill
from fhir_adapter.service.intake import Intake, open_intake
from fhir_adapter.settings import Settings
from fhir_adapter.store import backfills
from fhir_adapter.store.schema import message
from tests.conftest import ROOT
from tests.messages import oru


def report(number: int) -> bytes:
    """Plain words as JSON."""
    return json.dumps({"id": f"J{number}", "text": f"FINDINGS: A {number % 9 + 2} mm nodule in the left upper lobe.",
                       "patient": {"id": f"P{number % 5}"}}).encode()


@pytest.fixture
def archive(tmp_path) -> Path:
    """A folder with a message, a batch, NDJSON, a zip archive, a damaged one, a wrong message, a link to itself."""
    root = tmp_path / "archive"
    (root / "2019").mkdir(parents=True)
    (root / "2019" / "a.hl7").write_bytes(oru("A1", filler="A1"))
    batch = [oru(f"B{n}", filler=f"B{n}") for n in range(3)]
    (root / "2019" / "batch.hl7").write_bytes(b"".join([b"FHS|^~\\&|\r", *batch]))
    (root / "more.ndjson").write_bytes(b"\n".join([*(report(n) for n in range(130)), b'{"resourceType": "Patient"}']))
    with zipfile.ZipFile(root / "old.zip", "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("x/one.hl7", oru("Z1", filler="Z1"))
        packed.writestr("x/two.ndjson", report(900) + b"\n" + report(901))
    (root / "torn.zip").write_bytes((root / "old.zip").read_bytes()[:-30])
    (root / "wrong.hl7").write_bytes(oru("W1", text=""))
    (root / "loop").symlink_to(root)
    return root


TAKEN, PASSED = 1 + 3 + 130 + 3 + 1 + 1, 1


def origins(intake: Intake) -> list[str]:
    with intake.database.reading() as connection:
        return list(connection.execute(select(message.c.origin).order_by(message.c.seq)).scalars())


@pytest.fixture
def intake(store_settings, database, tables, monkeypatch) -> Intake:
    """A store in which messages are taken as if workers were quick."""
    monkeypatch.setattr(backfill, "AHEAD", 10_000)
    return Intake(store_settings, tables, database)


def ran(intake: Intake, root: Path, *, steps: int = 10_000) -> tuple[int, int, int]:
    """Taken, passed over and bytes of a run that ends after so many steps that took something."""
    done = []
    for step in backfill.run(intake, root, "archive", stopping=lambda: False):
        done.append(step)
        if sum(one.taken > 0 for one in done) >= steps:
            break
    return sum(one.taken for one in done), sum(one.passed for one in done), sum(one.size for one in done)


def test_everything_is_taken_once(intake, archive):
    """Files, batches, lines and members of archives; a second run finds nothing to do."""
    taken, passed, _ = ran(intake, archive)
    assert ((taken, passed), ran(intake, archive)[:2]) == ((TAKEN, PASSED), (0, 0))
    found = origins(intake)
    assert (len(found), len(set(found))) == (TAKEN, TAKEN)
    assert {"archive/2019/batch.hl7#3", "archive/old.zip!x/two.ndjson#2"} <= set(found)


def test_a_run_goes_on_where_the_last_one_ended(intake, archive):
    """After any number of steps: nothing is left out, nothing twice."""
    taken = [ran(intake, archive, steps=2)[0] for _ in range(12)]
    found = origins(intake)
    assert (sum(taken), len(found), len(set(found))) == (TAKEN, TAKEN, TAKEN)


def test_what_cannot_be_read_is_among_the_failures(intake, archive):
    """A damaged archive and a wrong message are found by their file, with a code."""
    ran(intake, archive)
    with intake.database.reading() as connection:
        rows = backfills.troubles(connection, "archive", after=0, limit=10)
    assert [(row.origin, row.state, row.code) for row in rows] == [
        ("archive/torn.zip#1", "rejected", "NET-605"), ("archive/wrong.hl7#1", "rejected", "HL7-108")]


def test_a_file_that_comes_later_is_taken_too(intake, archive):
    """Each file has a place of its own."""
    ran(intake, archive)
    (archive / "2019" / "aa.hl7").write_bytes(oru("A2", filler="A2"))
    assert (ran(intake, archive)[0], origins(intake)[-1]) == (1, "archive/2019/aa.hl7#1")


def test_an_archive_may_use_a_control_id_again(intake, tmp_path):
    """Years of messages are no repetitions of each other; both are kept."""
    (tmp_path / "a.hl7").write_bytes(oru("C1", filler="F1") + oru("C1", filler="F2"))
    assert ran(intake, tmp_path / "a.hl7")[0] == 2


def test_no_more_is_taken_ahead_than_is_worked_on(store_settings, database, tables, archive, monkeypatch):
    """While as many wait as may, nothing more is taken."""
    intake = Intake(store_settings, tables, database)
    monkeypatch.setattr(backfill, "AHEAD", 60)
    monkeypatch.setattr(backfill, "_LOOK_SECONDS", 0)
    looks = []

    def stopping() -> bool:
        looks.append(1)
        return len(looks) > 200

    taken = sum(step.taken for step in backfill.run(intake, archive, "archive", stopping=stopping))
    assert 10 < taken <= 60


def command(archive: Path, settings: Settings, *more: str) -> subprocess.Popen[bytes]:
    """`fhir-adapter backfill` as a process of its own."""
    environment = os.environ | {"FHIR_ADAPTER_DATA_DIR": str(settings.data_dir), "FHIR_ADAPTER_KEY": "5a" * 32,
                                "FHIR_ADAPTER_ENGINE_PROCESSES": "1"}
    if settings.database is not None:
        environment["FHIR_ADAPTER_DATABASE"] = settings.database.get_secret_value()
    return subprocess.Popen([sys.executable, "-m", "fhir_adapter", "backfill", str(archive), *more], cwd=ROOT,
                            env=environment, stderr=subprocess.PIPE)


def test_killed_in_the_middle_it_goes_on(archive, tmp_path, store_settings, tables):
    """SIGKILL while it takes and works; the same command again ends with everything processed once, and tells it."""
    intake = open_intake(store_settings, tables)

    def number(**states: str) -> int:
        with intake.database.reading() as connection:
            return connection.execute(select(func.count()).select_from(message).filter_by(**states)).scalar_one()

    first = command(archive, store_settings)
    deadline = time.monotonic() + 120
    while number(state="processed") < 3 and time.monotonic() < deadline:
        time.sleep(0.02)
    first.send_signal(signal.SIGKILL)
    first.communicate()
    before = number(state="processed")
    second = command(archive, store_settings, "--report", str(tmp_path / "report.csv"))
    said = second.communicate(timeout=240)[1].decode()
    found = origins(intake)
    assert (second.returncode, 3 <= before < TAKEN, number(state="processed")) == (1, True, TAKEN - 2)
    assert (len(found), len(set(found)), "137 processed" in said, "1 rejected HL7-108" in said) == (
        TAKEN, TAKEN, True, True)
    with (tmp_path / "report.csv").open(newline="") as file:
        rows = [(row["file"], row["code"]) for row in csv.DictReader(file)]
    assert (rows, stat.S_IMODE((tmp_path / "report.csv").stat().st_mode)) == (
        [("torn.zip#1", "NET-605"), ("wrong.hl7#1", "HL7-108")], 0o600)
    intake.database.close()
