"""Reads reports as the service does."""

import pytest

from fhir_adapter import deid, settings
from fhir_adapter.model.report import Order, Origin, Patient, Report
from fhir_adapter.nlp.engine import load_engine
from fhir_adapter.readers.order import describe


@pytest.fixture(scope="module")
def read(tables, tmp_path_factory):
    """Reads a text, for an order of these words and this patient."""
    loaded = settings.load(data_dir=tmp_path_factory.mktemp("insights"), key="5a" * 32)
    engine = load_engine(loaded, tables.language)

    def _read(text, order="", patient=None, code=None):
        ordered = (describe(code=code, text=order, modality="", tables=tables.messages) if order or code else Order())
        report = Report(text=text, origin=Origin(format="text", identity="insights"), order=ordered,
                        patient=patient or Patient())
        return engine.read(deid.scrub(report, settings=loaded, tables=tables))

    return _read
