"""Many phrases as one pattern, whole words, lower case; for tables that a regular expression reads well."""

import re
from functools import lru_cache


@lru_cache(maxsize=64)
def pattern(phrases: tuple[str, ...]) -> re.Pattern[str]:
    """One pattern of all phrases (in lower case), the longest first; a blank in one also matches a line break."""
    words = sorted(phrases, key=len, reverse=True)
    inner = "|".join(re.escape(word).replace(r"\ ", r"\s+") for word in words)
    return re.compile(rf"(?<!\w)(?:{inner})(?!\w)")
