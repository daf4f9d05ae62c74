"""What a language engine promises."""

from typing import Protocol

from fhir_adapter.errors import SettingsError
from fhir_adapter.model.reading import Reading
from fhir_adapter.model.safe import SafeReport
from fhir_adapter.settings import Settings
from fhir_adapter.tables.language import LanguageTables


class Engine(Protocol):
    """Reads a de-identified report; it takes nothing else, so that no identified text can reach it."""

    @property
    def name(self) -> str:
        """Engine, version and table version, for the Provenance."""

    def read(self, safe: SafeReport) -> Reading:
        """Everything that the text says; an EngineError (NLP-400) if the engine fails, without any of the text."""


def load_engine(settings: Settings, tables: LanguageTables) -> Engine:
    """The engine that the settings name, loaded and warm; a SettingsError where its extra is not installed."""
    if settings.engine == "compiled":
        from fhir_adapter.nlp.compiled import CompiledEngine

        return CompiledEngine(settings, tables)
    try:
        from fhir_adapter.nlp.medspacy import MedspacyEngine

        return MedspacyEngine(settings, tables)
    except ModuleNotFoundError:
        raise SettingsError("engine: medspacy is not installed; install fhir-adapter[medspacy]") from None
