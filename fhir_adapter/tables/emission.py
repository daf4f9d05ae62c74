"""The tables that emitters reads."""

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True, kw_only=True)
class EmissionTables:
    """Frozen rows of the tables below."""


def load(mappings: Path) -> EmissionTables:
    """Load the tables, or raise a TableError."""
    return EmissionTables()
