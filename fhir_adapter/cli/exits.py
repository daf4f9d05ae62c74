"""Exit codes; other programs rely on them."""

from enum import IntEnum


class Exit(IntEnum):
    """How a command ended."""

    OK = 0
    ISSUES = 1
    USAGE = 2
    REFUSED = 3
    UNREACHABLE = 4
