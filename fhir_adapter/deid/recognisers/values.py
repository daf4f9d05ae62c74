"""Numbers, addresses, places and other values that the message itself names, found in its text."""

import re
from collections.abc import Callable, Iterator, Sequence

from fhir_adapter.deid.hits import Hit
from fhir_adapter.deid.words import folded
from fhir_adapter.model.report import Identifier, IdentifierKind, IdentifierRole
from fhir_adapter.model.span import Span

_BARE = re.compile(r"[a-z0-9]+")
_BETWEEN = re.compile(r"[^a-z0-9]+")
_WORD = re.compile(r"[^\W_]+")
_TAGS = {IdentifierKind.ID: "ID", IdentifierKind.ACCESSION: "ID", IdentifierKind.PHONE: "PHONE",
         IdentifierKind.EMAIL: "EMAIL", IdentifierKind.URL: "URL", IdentifierKind.ADDRESS: "ADDRESS",
         IdentifierKind.FACILITY: "FACILITY", IdentifierKind.UID: "ID", IdentifierKind.DATE: "DATE"}


def find(plain: str, identifiers: Sequence[Identifier], common: frozenset[str]) -> Iterator[Hit]:
    """Each mention of each value in a folded text: numbers with any separators, words as they are written."""
    compressed = ""
    places: list[int] = []
    for identifier in identifiers:
        if identifier.kind is IdentifierKind.DATE:
            continue  # every date is moved, known or not
        value = " ".join(folded(identifier.value).split())
        bare = re.sub(r"[^a-z0-9]", "", value)
        if len(bare) < 4 or bare in common or all(word in common for word in _WORD.findall(value)):
            continue
        hit_of = _hit_of(identifier)
        if any(c.isdigit() for c in bare) and identifier.kind is not IdentifierKind.ADDRESS:
            compressed = compressed or _BETWEEN.sub("", plain)
            start = compressed.find(bare)
            if start >= 0 and not places:
                places = [n for run in _BARE.finditer(plain) for n in range(*run.span())]
            while start >= 0:
                span = Span(places[start], places[start + len(bare) - 1] + 1)
                if len(span) <= 2 * len(bare) and _apart(plain, span):
                    yield hit_of(span)
                start = compressed.find(bare, start + 1)
        else:
            start = plain.find(value)
            while start >= 0:
                span = Span(start, start + len(value))
                if _apart(plain, span):
                    yield hit_of(span)
                start = plain.find(value, start + 1)


def _hit_of(identifier: Identifier) -> Callable[[Span], Hit]:
    tag = "MRN" if identifier.kind is IdentifierKind.ID and identifier.role is IdentifierRole.PATIENT else _TAGS[
        identifier.kind]

    def hit(span: Span) -> Hit:
        return Hit(span=span, replacement=f"[{tag}]", recogniser="context", rule=f"{identifier.kind.value} of "
                   f"{identifier.role.value}", why="the message names this value", rank=0)

    return hit


def _apart(plain: str, span: Span) -> bool:
    before, after = plain[span.start - 1 : span.start], plain[span.end : span.end + 1]
    return not before.isalnum() and not after.isalnum()
