"""One loaded installation for all tests of the room: loading it is what costs."""

import pytest

from fhir_adapter import settings, tables
from fhir_adapter.service.adapter import Adapter, adapter


@pytest.fixture(scope="session")
def loaded() -> Adapter:
    """An installation that is loaded once."""
    return adapter(settings.load(key="5a" * 32))


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch, loaded: Adapter) -> None:
    monkeypatch.setattr("fhir_adapter.evaluation.run.adapter", lambda _: loaded)
    monkeypatch.setattr(tables, "load", lambda *_: loaded.tables)
