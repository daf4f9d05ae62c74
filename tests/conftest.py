"""What every test may ask for."""

import os
from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import pytest

from fhir_adapter import settings as settings_module
from fhir_adapter import tables as tables_module
from fhir_adapter.settings import Settings
from fhir_adapter.store import migrate
from fhir_adapter.store.database import Database, connect
from fhir_adapter.tables import Tables
from tests.store import databases

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


@pytest.fixture(scope="session")
def postgresql() -> Iterator[str]:
    """A PostgreSQL of the tests' own; its URL without a database name."""
    with databases.cluster() as url:
        yield url


@pytest.fixture(params=["sqlite", "postgresql"])
def store_settings(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Settings]:
    """Settings with an empty store: once on SQLite, once on PostgreSQL."""
    if request.param == "sqlite":
        yield settings_module.load(data_dir=tmp_path, key="5a" * 32)
        return
    server, name = request.getfixturevalue("postgresql"), f"t{uuid4().hex}"
    databases.execute(server, f"CREATE DATABASE {name}")
    yield settings_module.load(data_dir=tmp_path, key="5a" * 32, database=f"{server}/{name}")
    databases.execute(server, f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture
def database(store_settings: Settings) -> Iterator[Database]:
    """An empty store of this version's schema."""
    opened = connect(store_settings)
    migrate.upgrade(opened)
    yield opened
    opened.close()
