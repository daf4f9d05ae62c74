"""Text made comparable without changing its length: lower case, no accents, line breaks as blanks."""

import unicodedata
from functools import lru_cache


@lru_cache(maxsize=4096)
def _plain(character: str) -> str:
    base = unicodedata.normalize("NFD", character)[0].lower()
    return base if len(base) == 1 else character


def folded(text: str) -> str:
    """`text` in lower case without accents, character for character; a line break becomes a blank."""
    if text.isascii():
        return text.lower().replace("\n", " ")
    return "".join(_plain(c) if c != "\n" else " " for c in text)
