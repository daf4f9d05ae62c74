"""What every test may ask for."""

import os
from pathlib import Path

import pytest

from fhir_adapter import settings as settings_module
from fhir_adapter import tables as tables_module
from fhir_adapter.settings import Settings
from fhir_adapter.tables import Tables

ROOT = Path(__file__).parent.parent


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """Messages, bundles and reports of other people, which are not part of the project."""
    folder = Path(os.environ.get("FHIR_ADAPTER_REFERENCE_DATA", ROOT.parent / "shared" / "data"))
    if not folder.is_dir():
        pytest.skip("the folder of reference data is not here (FHIR_ADAPTER_REFERENCE_DATA)")
    return folder


@pytest.fixture(scope="session")
def tables() -> Tables:
    """All shipped tables."""
    return tables_module.load()


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """Default settings with a data directory of the test's own and a fixed key."""
    return settings_module.load(data_dir=tmp_path, key="5a" * 32)
