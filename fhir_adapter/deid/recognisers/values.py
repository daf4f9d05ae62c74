"""Numbers, addresses, places and other values that the message itself names, found in its text."""

import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from operator import itemgetter

from fhir_adapter.deid.hits import Hit
from fhir_adapter.deid.words import folded
from fhir_adapter.model.report import Identifier, IdentifierKind, IdentifierRole
from fhir_adapter.model.span import Span

_BARE = re.compile(r"[a-z0-9]+")
_BETWEEN = re.compile(r"[^a-z0-9]+")
_DROPPED = dict.fromkeys(n for n in range(128) if not chr(n).isalnum())
_FIRST = itemgetter(0)
_WORD = re.compile(r"[^\W_]+")
_TAGS = {IdentifierKind.ID: "ID", IdentifierKind.ACCESSION: "ID", IdentifierKind.PHONE: "PHONE",
         IdentifierKind.EMAIL: "EMAIL", IdentifierKind.URL: "URL", IdentifierKind.ADDRESS: "ADDRESS",
         IdentifierKind.FACILITY: "FACILITY", IdentifierKind.UID: "ID", IdentifierKind.DATE: "DATE"}


@dataclass(frozen=True, slots=True)
class Value:
    """One value to look for: as a number, with any separators in it, or as it is written."""

    wanted: str
    number: bool
    identifier: Identifier


def wanted(identifiers: Iterable[Identifier], common: frozenset[str]) -> Iterator[Value]:
    """What to look for; names, dates (each is moved, known or not), short and ordinary words are left out."""
    for identifier in identifiers:
        if identifier.kind in (IdentifierKind.NAME, IdentifierKind.DATE):
            continue
        value = " ".join(folded(identifier.value).split())
        bare = re.sub(r"[^a-z0-9]", "", value)
        if len(bare) < 4 or bare in common or all(word in common for word in _WORD.findall(value)):
            continue
        number = any(c.isdigit() for c in bare) and identifier.kind is not IdentifierKind.ADDRESS
        yield Value(bare if number else value, number, identifier)


def find(plain: str, values: Sequence[Value]) -> Iterator[Hit]:
    """Each mention of each value in a folded text."""
    compressed = ""
    runs: list[tuple[int, int]] = []
    for value in values:
        looked = value.wanted
        if value.number:
            compressed = compressed or (plain.translate(_DROPPED) if plain.isascii() else _BETWEEN.sub("", plain))
            start = compressed.find(looked)
            if start >= 0 and compressed.count(looked) == plain.count(looked):
                yield from _as_written(plain, value)
                continue
            if start >= 0 and not runs:
                runs = _runs(plain)
            while start >= 0:
                span = Span(_place(runs, start), _place(runs, start + len(looked) - 1) + 1)
                if len(span) <= 2 * len(looked) and _apart(plain, span):
                    yield _hit(value.identifier, span)
                start = compressed.find(looked, start + 1)
        else:
            yield from _as_written(plain, value)


def _as_written(plain: str, value: Value) -> Iterator[Hit]:
    start = plain.find(value.wanted)
    while start >= 0:
        span = Span(start, start + len(value.wanted))
        if _apart(plain, span):
            yield _hit(value.identifier, span)
        start = plain.find(value.wanted, start + 1)


def _runs(plain: str) -> list[tuple[int, int]]:
    """Where each run of letters and digits begins, in the text without the rest and in the text."""
    runs, length = [], 0
    for run in _BARE.finditer(plain):
        runs.append((length, run.start()))
        length += run.end() - run.start()
    return runs


def _place(runs: list[tuple[int, int]], position: int) -> int:
    here, there = runs[bisect_right(runs, position, key=_FIRST) - 1]
    return there + position - here


def _hit(identifier: Identifier, span: Span) -> Hit:
    tag = "MRN" if identifier.kind is IdentifierKind.ID and identifier.role is IdentifierRole.PATIENT else _TAGS[
        identifier.kind]
    return Hit(span=span, replacement=f"[{tag}]", recogniser="context", rule=f"{identifier.kind.value} of "
               f"{identifier.role.value}", why="the message names this value", rank=0)


def _apart(plain: str, span: Span) -> bool:
    before, after = plain[span.start - 1 : span.start], plain[span.end : span.end + 1]
    return not before.isalnum() and not after.isalnum()
