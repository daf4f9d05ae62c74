"""
Patterns for texts in lower case.

Python compares letters without their case one by one; on a text that is in lower case already, the same pattern takes
a third of the time.
"""

import re

_CAPITAL = re.compile(r"\\.|\(\?P[<=]\w+|[A-Z]")


def lower(expression: str) -> re.Pattern[str]:
    """An expression written for any case, compiled for a text in lower case; it may not turn case on or off."""
    if "(?-i" in expression or "(?i" in expression:
        raise ValueError("an expression for texts in lower case has no flags")
    return re.compile(_CAPITAL.sub(lambda m: m.group() if len(m.group()) > 1 else m.group().lower(), expression))


def either(expression: str) -> tuple[re.Pattern[str], bool]:
    """An expression for a text in lower case, or, where some of its words want their case ("(?-i:US)"), one for the
    text as it is written, and then True.
    """
    if "(?-i" in expression:
        return re.compile(expression, re.IGNORECASE), True
    return lower(expression), False
