"""A text as the engine reads it, for tests of single rooms."""

from datetime import date
from functools import cache

from fhir_adapter import settings as settings_module
from fhir_adapter import tables as tables_module
from fhir_adapter.deid import scrub
from fhir_adapter.model.reading import Reading
from fhir_adapter.model.report import Moment, Origin, Report
from fhir_adapter.nlp.engine import Engine, load_engine

SERVICE = date(2024, 6, 10)
SETTINGS = settings_module.load(key="5a" * 32)
TABLES = tables_module.load()


@cache
def engine() -> Engine:
    """The default engine, loaded once."""
    return load_engine(SETTINGS, TABLES.language)


def read(text: str, service: Moment | None = SERVICE) -> Reading:
    """The reading of a plain text, examined on `service`; its dates and the service date move together."""
    report = Report(text=text, origin=Origin(format="hl7v2", identity="1"), service=service)
    return engine().read(scrub(report, settings=SETTINGS, tables=TABLES))
