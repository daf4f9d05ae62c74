"""Text made comparable without changing its length: lower case, no accents, line breaks as blanks."""

import re
import unicodedata
from functools import lru_cache

_LOOKALIKES = dict(zip("аеорсухіјѕαοριν", "aeopcyxijsaopiv", strict=True))
"""Cyrillic and Greek letters that look like Latin ones (Unicode TR39), by which a name is hidden from a search."""


@lru_cache(maxsize=4096)
def _plain(character: str) -> str:
    base = unicodedata.normalize("NFD", character)[0].lower()
    base = _LOOKALIKES.get(base, base)
    return base if len(base) == 1 else character


INVISIBLE = re.compile("[\u00ad\u200b-\u200f\u2060\ufeff]")
"""Characters that are not seen and that hide a name from a search."""


def folded(text: str, *, lines: bool = False) -> str:
    """`text` in lower case without accents, character for character; a line break becomes a blank, unless `lines`."""
    if not lines:
        text = text.replace("\n", " ")
    return text.lower() if text.isascii() else "".join(map(_plain, text))
