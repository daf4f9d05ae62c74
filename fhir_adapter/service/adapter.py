"""Settings, tables and engine of one process, loaded once, and what every entrance does with them."""

from dataclasses import dataclass

from fhir_adapter import pipeline
from fhir_adapter.model.insight import Outcome
from fhir_adapter.nlp.engine import Engine, load_engine
from fhir_adapter.settings import Settings
from fhir_adapter.tables import Tables, load


@dataclass(frozen=True, slots=True, kw_only=True)
class Adapter:
    """A loaded installation."""

    settings: Settings
    tables: Tables
    engine: Engine

    def convert(self, payload: bytes) -> tuple[Outcome, ...]:
        """`pipeline.convert` with this installation."""
        return pipeline.convert(payload, settings=self.settings, tables=self.tables, engine=self.engine)


def adapter(settings: Settings) -> Adapter:
    """Load tables and engine; raises ConfigurationError where something is wrong."""
    from fhir_adapter.deid.identity import ready

    tables = load(settings.tables_dir)
    ready(settings)
    return Adapter(settings=settings, tables=tables, engine=load_engine(settings, tables.language))
