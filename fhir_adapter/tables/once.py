"""
Compile a table once: a cache by identity.

A table is one frozen object that lives as long as the engine, but hashing it goes through all its words, which for
every report took longer than using it. The cache holds the table itself, so that its identity stays taken.
"""

from collections.abc import Callable
from functools import wraps
from typing import TypeVar

Table = TypeVar("Table")
Compiled = TypeVar("Compiled")


def once(compile_table: Callable[[Table], Compiled]) -> Callable[[Table], Compiled]:
    """The same function, remembering what it made of each table object that it has seen."""
    known: dict[int, tuple[Table, Compiled]] = {}

    @wraps(compile_table)
    def remembered(table: Table) -> Compiled:
        held = known.get(id(table))
        if held is None:
            held = known[id(table)] = (table, compile_table(table))
        return held[1]

    return remembered
