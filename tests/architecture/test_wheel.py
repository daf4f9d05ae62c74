"""What is shipped works where nothing else is."""

import json
import os
import re
import subprocess
import sys
import time
import venv
import zipfile
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from tests.conftest import ROOT


def copy_of_the_tree(target: Path) -> None:
    """Copy what git tracks, or would track, and nothing else."""
    tracked = subprocess.run(["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"], cwd=ROOT,
                             capture_output=True, check=True)
    for name in tracked.stdout.decode().split("\0"):
        if name and (ROOT / name).is_file():
            (target / name).parent.mkdir(parents=True, exist_ok=True)
            (target / name).write_bytes((ROOT / name).read_bytes())


@pytest.fixture(scope="module")
def wheel(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    source = folder / "source"
    copy_of_the_tree(source)
    subprocess.run([sys.executable, "-m", "build", "--wheel", "--outdir", folder, source], check=True,
                   capture_output=True)
    return next(folder.glob("*.whl"))


def test_the_wheel_carries_the_tables(wheel):
    """Every file of mappings/, hl7/ and samples/ is in the wheel."""
    with zipfile.ZipFile(wheel) as archive:
        carried = set(archive.namelist())
    wanted = {f"fhir_adapter/data/{p.relative_to(ROOT).as_posix()}" for name in ("mappings", "hl7", "samples")
              for p in (ROOT / name).rglob("*") if p.is_file()}
    assert wanted - carried == set()


@pytest.fixture(scope="module")
def installed(wheel, tmp_path_factory) -> Path:
    """The commands of a new environment that holds the wheel, what it needs and no extra."""
    folder = tmp_path_factory.mktemp("env")
    venv.create(folder, with_pip=True)
    subprocess.run([folder / "bin" / "python", "-m", "pip", "install", "-q", wheel], check=True, capture_output=True)
    return folder / "bin"


def clean(data: Path) -> dict[str, str]:
    """An environment that knows nothing of the checkout."""
    kept = {k: v for k, v in os.environ.items() if k not in ("PYTHONPATH", "VIRTUAL_ENV")}
    return kept | {"FHIR_ADAPTER_DATA_DIR": str(data)}


def test_the_wheel_converts_a_sample_in_an_empty_environment(installed, tmp_path):
    """Installed alone into a new environment, away from the checkout, the wheel turns a sample into a bundle."""
    done = subprocess.run([installed / "fhir-adapter", "convert", "--sample", "ct-chest-nodule"], cwd=tmp_path,
                          env=clean(tmp_path / "data"), capture_output=True, text=True, check=False)
    assert (done.returncode, json.loads(done.stdout)["resourceType"]) == (0, "Bundle")


@pytest.fixture(scope="module")
def address(installed, tmp_path_factory) -> Iterator[str]:
    """The address of a service in that environment, as it starts without any setting."""
    folder = tmp_path_factory.mktemp("serving")
    log = folder / "log"
    with log.open("wb") as said, subprocess.Popen(
            [installed / "fhir-adapter", "serve", "--port", "0"], cwd=folder, env=clean(folder / "data"),
            stderr=said) as service:
        found, end = None, time.monotonic() + 60
        while found is None and time.monotonic() < end:
            time.sleep(0.2)
            found = re.search(r"listens on (http://\S+)", log.read_text(encoding="utf-8"))
        assert found is not None, log.read_text(encoding="utf-8")
        yield found[1]
        service.terminate()


def test_the_wheel_serves_in_an_empty_environment(address):
    """Without any extra a message is taken, processed and found as results."""
    message = (ROOT / "samples" / "hl7v2" / "ct-chest-nodule.hl7").read_bytes()
    taken = httpx.post(f"{address}/hl7v2", content=message, headers={"Content-Type": "application/hl7-v2"})
    assert (taken.status_code, re.search(r"MSA\|[AC]A", taken.text) is not None) == (200, True)
    end = time.monotonic() + 60
    while time.monotonic() < end and not httpx.get(f"{address}/fhir/Flag?_summary=count").json()["total"]:
        time.sleep(0.2)
    assert httpx.get(f"{address}/fhir/DiagnosticReport?_summary=count").json()["total"] == 1


@pytest.mark.parametrize("path", ["/", "/messages", "/worklist", "/quality", "/try", "/tables", "/system", "/docs",
                                  "/openapi.json", "/metrics", "/health/ready", "/fhir/metadata",
                                  "/fhir/Subscription/$status"])
def test_every_page_is_there_in_an_empty_environment(address, path):
    """No page and no description needs an extra."""
    assert httpx.get(f"{address}{path}").status_code == 200


@pytest.mark.parametrize("command", [
    ["doctor"], ["settings"], ["tables", "check"], ["messages", "list"], ["subscriptions", "list"],
    ["scrub", "--sample", "ct-chest-nodule"], ["explain", "--sample", "ct-chest-nodule"],
    ["validate", "--sample", "ct-chest-nodule"],
    ["convert", "--format", "radiology-insights", "--sample", "ct-chest-nodule"],
    ["backfill", str(ROOT / "samples" / "hl7v2" / "ct-chest-nodule.hl7")],
    ["evaluate", str(ROOT / "samples" / "evaluation" / "gold.jsonl")]], ids=lambda some: " ".join(some[:2]))
def test_every_command_is_there_in_an_empty_environment(installed, tmp_path, command):
    """No command needs an extra; what they find is their own affair (0 or 1)."""
    done = subprocess.run([installed / "fhir-adapter", *command], cwd=tmp_path, env=clean(tmp_path / "data"),
                          capture_output=True, text=True, check=False)
    assert (done.returncode in (0, 1), "Traceback" in done.stderr) == (True, False), done.stderr
