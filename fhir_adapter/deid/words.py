"""Text made comparable without changing its length: lower case, no accents, line breaks as blanks."""

import unicodedata
from functools import lru_cache

_LOOKALIKES = dict(zip("аеорсухіјѕαοριν", "aeopcyxijsaopiv", strict=True))
"""Cyrillic and Greek letters that look like Latin ones (Unicode TR39), by which a name is hidden from a search."""


@lru_cache(maxsize=4096)
def _plain(character: str) -> str:
    base = unicodedata.normalize("NFD", character)[0].lower()
    base = _LOOKALIKES.get(base, base)
    return base if len(base) == 1 else character


def folded(text: str) -> str:
    """`text` in lower case without accents, character for character; a line break becomes a blank."""
    if text.isascii():
        return text.lower().replace("\n", " ")
    return "".join(_plain(c) if c != "\n" else " " for c in text)
