"""Where the reference data of other people lies."""

import os
from pathlib import Path

from tests.conftest import ROOT


def shared_data() -> Path:
    """The folder that FHIR_ADAPTER_REFERENCE_DATA names, or the one beside the project."""
    return Path(os.environ.get("FHIR_ADAPTER_REFERENCE_DATA", ROOT.parent / "shared" / "data"))
