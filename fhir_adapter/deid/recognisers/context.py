"""
What the message itself names, found in its text: the strongest lever there is.

People are found by their name parts in any order, with initials, titles, hyphen halves, accents and possessives, also
across a line break; numbers with and without separators; addresses and facilities as they are written. A name that is
also an ordinary word (Stone, May) counts only with a capital beside another part of the name, a title or a signature.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from fhir_adapter.deid.hits import Hit
from fhir_adapter.deid.surrogates import Surrogates
from fhir_adapter.deid.words import folded
from fhir_adapter.model.report import Identifier, IdentifierKind, IdentifierRole
from fhir_adapter.model.span import Span

_WORD = re.compile(r"\w+")
_GAP = re.compile(r"[\s,.'’-]{0,3}")
_TITLE_BEFORE = re.compile(r"(?:\b(?:dr|drs|doctor|mr|mrs|ms|miss|prof|professor|nurse|by|patient|name)\b[.:]?\s*)$")
_DEGREE_AFTER = re.compile(r",?\s*(?:m\.?d\b|d\.?o\b|r\.?n\b|ph\.?d|p\.?a\b|n\.?p\b)")
_TAGS = {IdentifierKind.ID: "ID", IdentifierKind.ACCESSION: "ID", IdentifierKind.PHONE: "PHONE",
         IdentifierKind.EMAIL: "EMAIL", IdentifierKind.URL: "URL", IdentifierKind.ADDRESS: "ADDRESS",
         IdentifierKind.FACILITY: "FACILITY", IdentifierKind.UID: "ID", IdentifierKind.DATE: "DATE"}


@dataclass(frozen=True, slots=True)
class _Token:
    span: Span
    people: frozenset[int]
    initial: bool


def find(text: str, identifiers: Sequence[Identifier], common: frozenset[str], surrogates: Surrogates,
         ordinary: frozenset[str] = frozenset()) -> Iterator[Hit]:
    """Each mention of each identifier; a long name also one letter off, unless that is an `ordinary` word."""
    plain = folded(text)
    yield from _people(text, plain, [i for i in identifiers if i.kind is IdentifierKind.NAME], common, surrogates,
                       ordinary)
    yield from _values(plain, [i for i in identifiers if i.kind is not IdentifierKind.NAME], common)


def name_tokens(identifier: Identifier) -> tuple[str, ...]:
    """The words of a name that may stand for the person, folded; titles and suffixes are none of them."""
    parts = [value for kind, value in identifier.parts if kind in ("family", "given", "middle")]
    return tuple(token for part in parts or [identifier.value] for token in _WORD.findall(folded(part)))


def _people(text: str, plain: str, names: Sequence[Identifier], common: frozenset[str],
            surrogates: Surrogates, ordinary: frozenset[str]) -> Iterator[Hit]:
    by_token: dict[str, set[int]] = {}
    for number, name in enumerate(names):
        for part in name_tokens(name):
            by_token.setdefault(part, set()).add(number)
            by_token.setdefault(part[0], set()).add(number)
    if not by_token:
        return
    run: list[_Token] = []
    for match in _WORD.finditer(plain):
        people = by_token.get(match.group()) or _nearly(match.group(), by_token, ordinary)
        token = _Token(Span(*match.span()), frozenset(people), len(match.group()) == 1) if people else None
        if token and token.initial and not text[token.span.start].isupper():
            token = None
        if run and (token is None or not _GAP.fullmatch(plain, run[-1].span.end, match.start())
                    or not frozenset.intersection(*(t.people for t in run), token.people)):
            yield from _person(text, plain, run, names, common, surrogates)
            run = []
        if token:
            run.append(token)
    yield from _person(text, plain, run, names, common, surrogates)


def _nearly(word: str, by_token: dict[str, set[int]], ordinary: frozenset[str]) -> set[int]:
    """The people of the names that `word` misses by one letter: long words with the same first letter only."""
    if len(word) < 6 or word in ordinary or not word.isalpha():
        return set()
    return {person for token, people in by_token.items()
            if token[0] == word[0] and abs(len(token) - len(word)) < 2 and len(token) > 5 and _one_off(token, word)
            for person in people}


def _one_off(one: str, other: str) -> bool:
    """Whether one insertion, deletion, replacement or swap of neighbours makes `other` of `one`."""
    n = next((n for n, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), min(len(one), len(other)))
    a, b = one[n:], other[n:]
    return a[1:] == b[1:] or a[1:] == b or a == b[1:] or (a[:2] == b[1::-1] and a[2:] == b[2:])


def _person(text: str, plain: str, run: list[_Token], names: Sequence[Identifier], common: frozenset[str],
            surrogates: Surrogates) -> Iterator[Hit]:
    words = [t for t in run if not t.initial]
    if not words:
        return
    # A lone initial at the end of a sentence belongs to it, one before or inside the name belongs to the name.
    while len(run) > 1 and run[-1].initial and not re.match(r"\.(?![A-Z]\b)", text[run[-1].span.end :][:3]):
        run = run[:-1]
    span = Span(run[0].span.start, run[-1].span.end)
    if not _means_person(text, plain, run, words, span, common):
        return
    person = names[min(frozenset.intersection(*(t.people for t in run)))]
    yield Hit(span=span, replacement=surrogates.person(person.role, person.value, span.of(text)), recogniser="context",
              rule=f"name of {person.role.value}", why="the message names this person", rank=0)


def _means_person(text: str, plain: str, run: list[_Token], words: list[_Token], span: Span,
                  common: frozenset[str]) -> bool:
    strong = [t for t in words if len(t.span) > 2 and t.span.of(plain) not in common]
    if strong:
        return True
    capital = all(text[t.span.start].isupper() for t in words)
    if not capital:
        return False
    beside = bool(_TITLE_BEFORE.search(plain[max(0, span.start - 14) : span.start])
                  or _DEGREE_AFTER.match(plain, span.end))
    # Two ordinary words in a row (LONG GRANT) are a name only where they are two parts of one; one word needs a cue.
    return beside or len({t.span.of(plain) for t in run}) > 1


def _values(plain: str, identifiers: Sequence[Identifier], common: frozenset[str]) -> Iterator[Hit]:
    compressed, places = "", []
    for identifier in identifiers:
        if identifier.kind is IdentifierKind.DATE:
            continue  # every date is moved, known or not
        value = " ".join(folded(identifier.value).split())
        bare = re.sub(r"[^a-z0-9]", "", value)
        if len(bare) < 4 or bare in common or all(word in common for word in _WORD.findall(value)):
            continue
        hit_of = _hit_of(identifier)
        if any(c.isdigit() for c in bare) and identifier.kind is not IdentifierKind.ADDRESS:
            if not compressed:
                places = [n for n, c in enumerate(plain) if c.isascii() and c.isalnum()]
                compressed = "".join(plain[n] for n in places)
            start = compressed.find(bare)
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


def _hit_of(identifier: Identifier):  # type: ignore[no-untyped-def]
    tag = "MRN" if identifier.kind is IdentifierKind.ID and identifier.role is IdentifierRole.PATIENT else _TAGS[
        identifier.kind]

    def hit(span: Span) -> Hit:
        return Hit(span=span, replacement=f"[{tag}]", recogniser="context", rule=f"{identifier.kind.value} of "
                   f"{identifier.role.value}", why="the message names this value", rank=0)

    return hit


def _apart(plain: str, span: Span) -> bool:
    before, after = plain[span.start - 1 : span.start], plain[span.end : span.end + 1]
    return not before.isalnum() and not after.isalnum()
