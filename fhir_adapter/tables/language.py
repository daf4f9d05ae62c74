"""The tables that nlp reads."""

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True, kw_only=True)
class LanguageTables:
    """Frozen rows of the tables below."""


def load(mappings: Path) -> LanguageTables:
    """Load the tables, or raise a TableError."""
    return LanguageTables()
