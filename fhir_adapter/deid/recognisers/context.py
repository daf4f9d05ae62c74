"""
What the message itself names, found in its text: the strongest lever there is.

People are found by their name parts in any order, with initials, titles, hyphen halves, accents and possessives, also
across a line break; numbers with and without separators; addresses and facilities as they are written. A name that is
also an ordinary word (Stone, May) counts only with a capital beside another part of the name, a title or a signature.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from fhir_adapter.deid.hits import Hit
from fhir_adapter.deid.recognisers import values
from fhir_adapter.deid.scanner import Seen
from fhir_adapter.deid.surrogates import Surrogates
from fhir_adapter.deid.words import folded
from fhir_adapter.model.report import Identifier, IdentifierKind
from fhir_adapter.model.span import Span
from fhir_adapter.tables.deidentification import DeidTables

_WORD = re.compile(r"[^\W_]+")
_CAPITAL = re.compile(r"[A-ZÀ-ÖØ-Þ](?<![^\W_]{2})(?![^\W_])")
_FIRST = re.compile(r"[ \t]*([^\W\d_]+)")
_LONGEST = 30
_LETTERS = re.compile(r" [a-z][ .-][a-z][ .-][a-z][ .-][a-z]\b")
_SPACED = re.compile(r"\b(?:[a-z][ .-]){4,}[a-z]\b")
_GAP = re.compile(r"[\s,.'’-]{0,3}")
_TITLE_BEFORE = re.compile(r"(?:\b(?:dr|drs|doctor|mr|mrs|ms|miss|prof|professor|nurse|by|patient|name)\b[.:]?\s*)$")
_POSSESSIVE = re.compile(r"['’]s\b")
_DEGREE_AFTER = re.compile(r",?\s*(?:m\.?d\b|d\.?o\b|r\.?n\b|ph\.?d|p\.?a\b|n\.?p\b)")


@dataclass(frozen=True, slots=True)
class _Token:
    span: Span
    people: frozenset[int]
    initial: bool


def find(seen: Seen, known: "Known", surrogates: Surrogates) -> Iterator[Hit]:
    """Each mention of each identifier; a long name also one letter off, unless that is an ordinary word."""
    text, plain = seen.text, seen.plain.replace("\n", " ")
    if known.by_token:
        yield from _people(text, plain, known, surrogates)
        yield from _hidden(text, plain, known, surrogates)
    yield from values.find(plain, known.values)


@dataclass(frozen=True, slots=True)
class Known:
    """What a message names, made ready once for all its texts: people by the words of their names, and values."""

    names: Sequence[Identifier]
    by_token: Mapping[str, frozenset[int]]
    weak: frozenset[str]
    """Words that mean a person only beside a title or another part of the name."""
    ordinary: frozenset[str]
    long: tuple[str, ...]
    """Words that are looked for inside longer ones too."""
    by_letter: Mapping[str, tuple[str, ...]]
    """The longer words of names, which may also be misspelt, by their first letter."""
    values: tuple[values.Value, ...]

    @classmethod
    def of(cls, identifiers: Sequence[Identifier], tables: DeidTables) -> "Known":
        """What one message names."""
        names = [i for i in identifiers if i.kind is IdentifierKind.NAME]
        by_token: dict[str, set[int]] = {}
        weak = set(tables.common_words)
        for number, name in enumerate(names):
            for part in (*name_tokens(name), *_otherwise(name)):
                short = tables.words.nicknames.get(part, ())
                weak.update(word for word in short if word in tables.words.ordinary)
                for token in (part, part[0], *short):
                    by_token.setdefault(token, set()).add(number)
        long = tuple(token for token in by_token
                     if len(token) > 6 and token not in tables.words.ordinary and token not in weak)
        by_letter: dict[str, list[str]] = {}
        for token in by_token:
            if len(token) > 5:
                by_letter.setdefault(token[0], []).append(token)
        return cls(names, {token: frozenset(people) for token, people in by_token.items()}, frozenset(weak),
                   tables.words.ordinary, long, {first: tuple(tokens) for first, tokens in by_letter.items()},
                   tuple(values.wanted(identifiers, tables.common_words)))


def name_tokens(identifier: Identifier) -> tuple[str, ...]:
    """The words of a name that may stand for the person, folded; titles and suffixes are none of them."""
    parts = [value for kind, value in identifier.parts if kind in ("family", "given", "middle")]
    return tuple(token for part in parts or [identifier.value] for token in _WORD.findall(folded(part)))


_HALVES = re.compile(r"['’ʼ‘-]|\bMc")
_UMLAUTS = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss", "ø": "oe", "å": "aa", "æ": "ae"})


def _otherwise(identifier: Identifier) -> Iterator[str]:
    """The words of a name as other systems write them: umlauts spelled out, halves joined (O'Wobble, Anne-Marie)."""
    parts = [value for kind, value in identifier.parts if kind in ("family", "given", "middle")]
    for value in parts or (identifier.value,):
        if value.isascii() and not _HALVES.search(value):
            continue
        for word in re.findall(r"[^\W\d_]+(?:['’ʼ‘-][^\W\d_]+)*", value):
            spelled = word.lower().translate(_UMLAUTS)
            if spelled != word.lower():
                yield from _WORD.findall(folded(spelled))
            joined = re.sub(r"\W", "", folded(word))
            if len(joined) < len(word):
                yield joined
            for half in word.split("-"):
                if "'" in folded(half):
                    yield re.sub(r"\W", "", folded(half))
                if half[:2] == "Mc" and len(half) > 5:
                    yield folded(half[2:])


def _people(text: str, plain: str, known: Known, surrogates: Surrogates) -> Iterator[Hit]:
    there = {word: people for word in set(_WORD.findall(plain))
             if (people := known.by_token.get(word) or _nearly(word, known))}
    if all(len(word) == 1 for word in there):
        return
    run: list[_Token] = []
    for start, word in sorted(_places(text, plain, there)):  # what stands between two words is seen by the gap
        token = _Token(Span(start, start + len(word)), there[word], len(word) == 1)
        if run and not (_GAP.fullmatch(plain, run[-1].span.end, start)
                        and frozenset.intersection(*(t.people for t in run), token.people)):
            yield from _person(text, plain, run, known, surrogates)
            run = []
        run.append(token)
    yield from _person(text, plain, run, known, surrogates)


def _places(text: str, plain: str, words: Mapping[str, object]) -> Iterator[tuple[int, str]]:
    """Where each of these words stands by itself; initials only as capitals."""
    for match in _CAPITAL.finditer(text):
        if plain[match.start()] in words:
            yield match.start(), plain[match.start()]
    for word in words:
        start = plain.find(word) if len(word) > 1 else -1
        while start >= 0:
            end = start + len(word)
            if not plain[start - 1 : start].isalnum() and not plain[end : end + 1].isalnum():
                yield start, word
            start = plain.find(word, end)


def _hidden(text: str, plain: str, known: Known, surrogates: Surrogates) -> Iterator[Hit]:
    """Names broken over two lines, written in single letters, or inside a longer word."""
    at = text.find("\n")
    while at >= 0:
        tail = text[max(0, at - _LONGEST) : at].rstrip("- \t")
        last, first = tail[max(map(tail.rfind, " \n\t")) + 1 :], _FIRST.match(text, at + 1)
        if first and last.isalpha():
            word = folded(last + first[1])
            broken = known.by_token.get(word) or _nearly(word, known) if len(word) > 4 else None
            if broken:
                start = max(0, at - _LONGEST) + len(tail) - len(last)
                yield _hit(Span(start, first.end()), broken, known, surrogates)
        at = text.find("\n", at + 1)
    for match in _SPACED.finditer(plain) if _LETTERS.search(plain) else ():
        if spaced := known.by_token.get(re.sub(r"[^a-z]", "", match.group())):
            yield _hit(Span(*match.span()), spaced, known, surrogates)
    for token in known.long:
        start = plain.find(token)
        while start >= 0:
            yield _hit(Span(start, start + len(token)), known.by_token[token], known, surrogates)
            start = plain.find(token, start + 1)


def _hit(span: Span, people: frozenset[int], known: Known, surrogates: Surrogates, said: str = "") -> Hit:
    person = known.names[min(people)]
    return Hit(span=span, replacement=surrogates.person(person.role, person.value, said), recogniser="context",
               rule=f"name of {person.role.value}", why="the message names this person", rank=0)


def _nearly(word: str, known: Known) -> frozenset[int]:
    """The people of the names that `word` misses by one letter: long words with the same first letter only."""
    if len(word) < 6 or word[0] not in known.by_letter or word in known.ordinary or not word.isalpha():
        return frozenset()
    return frozenset(person for token in known.by_letter[word[0]]
                     if abs(len(token) - len(word)) < 2 and _one_off(token, word) for person in known.by_token[token])


def _one_off(one: str, other: str) -> bool:
    """Whether one insertion, deletion, replacement or swap of neighbours makes `other` of `one`."""
    n = next((n for n, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), min(len(one), len(other)))
    a, b = one[n:], other[n:]
    return a[1:] == b[1:] or a[1:] == b or a == b[1:] or (a[:2] == b[1::-1] and a[2:] == b[2:])


def _person(text: str, plain: str, run: list[_Token], known: Known, surrogates: Surrogates) -> Iterator[Hit]:
    words = [t for t in run if not t.initial]
    if not words:
        return
    # A lone initial at the end of a sentence belongs to it, one before or inside the name belongs to the name.
    while len(run) > 1 and run[-1].initial and not re.match(r"\.(?![A-Z]\b)", text[run[-1].span.end :][:3]):
        run = run[:-1]
    span = Span(run[0].span.start, run[-1].span.end)
    if _means_person(text, plain, run, words, span, known.weak):
        yield _hit(span, frozenset.intersection(*(t.people for t in run)), known, surrogates, span.of(text))


def _means_person(text: str, plain: str, run: list[_Token], words: list[_Token], span: Span,
                  weak: frozenset[str]) -> bool:
    strong = [t for t in words if len(t.span) > 2 and t.span.of(plain) not in weak]
    if strong:
        return True
    capital = all(text[t.span.start].isupper() for t in words)
    if not capital:
        return False
    beside = bool(_TITLE_BEFORE.search(plain[max(0, span.start - 14) : span.start])
                  or _DEGREE_AFTER.match(plain, span.end) or _POSSESSIVE.match(plain, span.end))
    # Two ordinary words in a row (LONG GRANT) are a name only where they are two parts of one; one word needs a cue.
    return beside or len({t.span.of(plain) for t in run}) > 1
