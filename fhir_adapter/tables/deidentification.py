"""The tables that deid reads."""

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True, kw_only=True)
class DeidTables:
    """Frozen rows of the tables below."""


def load(mappings: Path) -> DeidTables:
    """Load the tables, or raise a TableError."""
    return DeidTables()
