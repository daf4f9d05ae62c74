"""The codes that the Radiology Insights API answers with."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

from fhir_adapter.model.code import Code
from fhir_adapter.tables.load import rows

SNOMED = "http://snomed.info/sct"


@dataclass(frozen=True, slots=True, kw_only=True)
class InferenceTables:
    """mappings/radiology_insights/; by use and value, as `("side", "left")`.

    `compatible` holds the same with the reference service's own ids where it has some that SNOMED CT does not have.
    """

    codes: Mapping[tuple[str, str], Code]
    compatible: Mapping[tuple[str, str], Code]


def load(mappings: Path) -> InferenceTables:
    """Load the table, or raise a TableError."""
    listed = rows(mappings / "radiology_insights" / "codes.csv")
    ours = {(r["use"], r["value"]): Code(system=r["system"], code=r["code"], display=r["display"]) for r in listed}
    theirs = {(r["use"], r["value"]): Code(system=SNOMED, code=r["compatible"], display=r["display"])
              for r in listed if r["compatible"]}
    return InferenceTables(codes=MappingProxyType(ours), compatible=MappingProxyType(ours | theirs))
