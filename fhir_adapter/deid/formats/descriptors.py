"""
Codes and short descriptors: kept where they come from a finite vocabulary, since a name does not.

A word passes if the vocabulary knows it or if it is an abbreviation of at most three letters; a token with digits
passes if it is short (L4-5, 3D, B1000 with its known letter). A name of the message never passes.
"""

import re
from collections.abc import Sequence
from functools import lru_cache

from fhir_adapter.deid.recognisers.context import name_tokens
from fhir_adapter.deid.words import folded
from fhir_adapter.model.report import Identifier, IdentifierKind

_TOKEN = re.compile(r"\S+")
_PARTS = re.compile(r"[^\W\d_]+|\d+")
_MEASURES = frozenset({"b", "te", "tr", "ti", "fa", "kv", "kvp", "ma", "mas"})
"""What a number of up to four digits is of: the settings of a scanner."""
_SHAPES = re.compile(
    r"[A-Z0-9]{1,4}|[A-Z]{3}_[A-Z]\d\d|HL7\d{4}|\d{1,5}|\d{1,4}(\.\d{1,4}){1,2}|8859/\d{1,2}|RID\d{1,6}|RPID\d{1,5}|\d{1,5}-\d"
    r"|[A-TV-Z]\d[0-9A-Z](\.[0-9A-Z]{1,4})?")


def known_words(identifiers: Sequence[Identifier], common: frozenset[str]) -> frozenset[str]:
    """The words of all names that the message gives, except those that are ordinary words too, and all its numbers."""
    numbers = frozenset(folded(i.value) for i in identifiers if i.kind in (IdentifierKind.ID, IdentifierKind.ACCESSION))
    return numbers | frozenset(token for i in identifiers if i.kind is IdentifierKind.NAME for token in name_tokens(i)
                     if len(token) > 2 and token not in common)


def words(text: str, vocabulary: frozenset[str], known: frozenset[str]) -> str:
    """`text` without the words that no vocabulary knows."""
    return " ".join(token for token in _TOKEN.findall(text) if _passes(token, vocabulary, known))


def code(text: str, vocabulary: frozenset[str], known: frozenset[str]) -> str:
    """`text` if it has the shape of a code or is made of known words; empty otherwise."""
    if folded(text) in known:
        return ""
    if _SHAPES.fullmatch(text) or all(_passes(token, vocabulary, known) for token in _TOKEN.findall(text)):
        return text
    return ""


def _passes(token: str, vocabulary: frozenset[str], known: frozenset[str]) -> bool:
    words = _words_of(token, vocabulary)
    return words is not None and known.isdisjoint(words)


@lru_cache(maxsize=4096)
def _words_of(token: str, vocabulary: frozenset[str]) -> frozenset[str] | None:
    """The token, folded, and its parts; None unless the vocabulary knows every part, which is short if a number."""
    whole = folded(token)
    parts = _PARTS.findall(whole)
    digits = sum(len(part) for part in parts if part.isdigit())
    if digits > 4 or (digits > 2 and any(
            not part.isdigit() and part not in vocabulary and part not in _MEASURES for part in parts)):
        return None
    if token.count(".") + token.count(":") > 2 or not all(
            part.isdigit() or part in vocabulary or (len(part) <= 3 and part.isascii()) for part in parts):
        return None
    return frozenset((whole, *parts))
