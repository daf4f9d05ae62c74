"""The tables that readers reads."""

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True, kw_only=True)
class MessageTables:
    """Frozen rows of the tables below."""


def load(mappings: Path, hl7: Path) -> MessageTables:
    """Load the tables, or raise a TableError."""
    return MessageTables()
