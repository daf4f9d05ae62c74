"""The tables that insights reads."""

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True, kw_only=True)
class JudgementTables:
    """Frozen rows of the tables below."""


def load(mappings: Path) -> JudgementTables:
    """Load the tables, or raise a TableError."""
    return JudgementTables()
