"""Patterns that are held against whole reports and stand in no table; `hints` knows them too."""

import re

NUMBERED = re.compile(r"\b(?:nodule|lesion|mass|cyst)\s*(?:#|no\.?|number)?\s*\d{1,2}\s*(?=[:.(-])", re.IGNORECASE)
"""Where a list of findings names its next one."""
NO_FOLLOW_UP = re.compile(
    r"\bno\s+(?:further\s+|additional\s+|specific\s+|routine\s+|dedicated\s+|imaging\s+)*"
    r"(?:follow[\s-]?up|work-?\s?up|evaluation|imaging|surveillance)\b"
    r"|(?:follow[\s-]?up|work-?\s?up|evaluation|imaging|surveillance)\s+(?:imaging\s+|evaluation\s+)?(?:is\s+|are\s+)?not\s+"
    r"(?:needed|necessary|recommended|required|indicated)|\bdoes\s+not\s+(?:need|require)\s+(?:further\s+)?(?:follow|imag)",
    re.IGNORECASE)
"""Nothing needs to follow."""
