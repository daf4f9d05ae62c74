"""What is shipped works where nothing else is."""

import json
import os
import subprocess
import sys
import venv
import zipfile
from pathlib import Path

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


def test_the_wheel_converts_a_sample_in_an_empty_environment(wheel, tmp_path):
    """Installed alone into a new environment, away from the checkout, the wheel turns a sample into a bundle."""
    venv.create(tmp_path / "env", with_pip=True)
    python = tmp_path / "env" / "bin" / "python"
    subprocess.run([python, "-m", "pip", "install", "-q", wheel], check=True, capture_output=True)
    clean = {k: v for k, v in os.environ.items() if k not in ("PYTHONPATH", "VIRTUAL_ENV")}
    done = subprocess.run([python.with_name("fhir-adapter"), "convert", "--sample", "ct-chest-nodule"],
                          cwd=tmp_path, env=clean | {"FHIR_ADAPTER_DATA_DIR": str(tmp_path / "data")},
                          capture_output=True, text=True, check=False)
    assert (done.returncode, json.loads(done.stdout)["resourceType"]) == (0, "Bundle")
