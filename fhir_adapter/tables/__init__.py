"""The only code that opens `mappings/` and `hl7/`: locate, load, check against the JSON Schema, freeze."""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import fhir_adapter.tables.load  # noqa: F401 - before the function `load` below, which else would lose its name to it
from fhir_adapter.tables.locate import locate

if TYPE_CHECKING:  # who needs the tables of one room only, as the language engine does, starts without the others
    from fhir_adapter.tables.deidentification import DeidTables
    from fhir_adapter.tables.emission import EmissionTables
    from fhir_adapter.tables.judgement import JudgementTables
    from fhir_adapter.tables.language import LanguageTables
    from fhir_adapter.tables.messages import MessageTables
    from fhir_adapter.tables.radiology_insights import InferenceTables
    from fhir_adapter.tables.results import ResultTables


@dataclass(frozen=True, slots=True, kw_only=True)
class Tables:
    """All tables, loaded once at start and passed on; one part for each room that reads them."""

    messages: "MessageTables"
    deid: "DeidTables"
    language: "LanguageTables"
    judgement: "JudgementTables"
    emission: "EmissionTables"
    results: "ResultTables"
    inferences: "InferenceTables"


def load(tables_dir: Path | None = None) -> Tables:
    """Load and check every table, or raise a TableError that names file, row and column."""
    from fhir_adapter.tables import (
        deidentification,
        emission,
        judgement,
        language,
        messages,
        radiology_insights,
        results,
    )

    mappings, hl7 = locate("mappings", tables_dir), locate("hl7", tables_dir)
    return Tables(
        messages=messages.load(mappings, hl7),
        deid=deidentification.load(mappings, hl7),
        language=language.load(mappings),
        judgement=judgement.load(mappings),
        emission=emission.load(mappings),
        results=results.load(mappings),
        inferences=radiology_insights.load(mappings),
    )
