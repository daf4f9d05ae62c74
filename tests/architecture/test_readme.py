"""The README's first command, word for word, in a copy of the tree that has nothing else."""

import json
import os
import re
import subprocess

from tests.architecture.test_wheel import copy_of_the_tree
from tests.conftest import ROOT


def test_the_first_command_prints_a_bundle(tmp_path):
    """On a machine with Python alone, the README's first command installs the tree and prints the sample's bundle."""
    copy_of_the_tree(tmp_path / "tree")
    command = re.findall(r"```sh\n(.*?)\n```", (ROOT / "README.md").read_text(encoding="utf-8"), re.DOTALL)[0]
    clean = {k: v for k, v in os.environ.items() if k not in ("PYTHONPATH", "VIRTUAL_ENV")}
    done = subprocess.run(["sh", "-c", command], cwd=tmp_path / "tree", capture_output=True, text=True, check=False,
                          env=clean | {"FHIR_ADAPTER_DATA_DIR": str(tmp_path / "data")})
    assert (done.returncode, done.stderr if done.returncode else "") == (0, "")
    assert json.loads(done.stdout)["resourceType"] == "Bundle"
