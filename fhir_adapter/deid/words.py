"""Text made comparable without changing its length: lower case, no accents, look-alikes seen through."""

import re
import unicodedata
from functools import lru_cache

_LOOKALIKES = dict(zip("аеорсухіјѕвкмнтһԁԛѡαοριντυκχ", "aeopcyxijsbkmnthdqwaopivtukx", strict=True))
"""Cyrillic and Greek letters that look like Latin ones (Unicode TR39), by which a name is hidden from a search."""
_CAPITALS = dict(zip("АВЕКМНОРСТХУІЈЅΑΒΕΖΗΙΚΜΝΟΡΤΥΧ", "ABEKMHOPCTXYIJSABEZHIKMNOPTYX", strict=True))
"""Capitals look like others than their small letters do."""
_MARKS = {"\u00a0": " ", "\u202f": " ", "\u2007": " ", "\u2009": " ", "\u3000": " ", "\u2010": "-", "\u2011": "-",
          "\u2012": "-", "\u2013": "-", "\u2212": "-", "\u2019": "'", "\u2018": "'"}
INVISIBLE = re.compile("[\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2064\ufeff]")
"""Characters that are not seen and that hide a name from a search."""
_FOREIGN = re.compile("[\u0370-\u04ff\u0501-\u0527]")
_LATIN = re.compile("[A-Za-z]")
_TOKEN = re.compile(r"\w+")


@lru_cache(maxsize=4096)
def _plain(character: str) -> str:
    base = unicodedata.normalize("NFKD", _CAPITALS.get(character, character))[0].lower()
    base = _LOOKALIKES.get(base, base)
    return base if len(base) == 1 else character


@lru_cache(maxsize=4096)
def _seen(character: str) -> str:
    """The character that this one is taken for: full-width and mathematical letters, digits, blanks, hyphens."""
    if character in _MARKS:
        return _MARKS[character]
    plain = unicodedata.normalize("NFKC", character)
    if len(plain) != 1 or unicodedata.category(character) not in ("Nd", "Lu", "Ll"):
        return character  # a superscript belongs to its unit
    return str(unicodedata.digit(plain)) if plain.isdigit() else plain


def folded(text: str, *, lines: bool = False) -> str:
    """`text` in lower case without accents, character for character; a line break becomes a blank, unless `lines`."""
    if not lines:
        text = text.replace("\n", " ")
    return text.lower() if text.isascii() else "".join(map(_plain, text))


def seen(text: str) -> str:
    """`text` as a reader sees it, character for character: no look-alikes inside words of Latin letters."""
    if text.isascii():
        return text
    text = "".join(map(_seen, text))
    return _TOKEN.sub(_latin, text) if _FOREIGN.search(text) else text


def _latin(match: re.Match[str]) -> str:
    word = match.group()
    if not (_FOREIGN.search(word) and _LATIN.search(word)):
        return word
    return "".join(_CAPITALS.get(c) or _LOOKALIKES.get(c, c) for c in word)
