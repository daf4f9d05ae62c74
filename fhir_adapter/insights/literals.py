"""Which strings a pattern cannot match without, read off the pattern itself."""

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

# Python's own parser of patterns has no public name; the tests of `hints` show it where a later Python changes it.
from re import _constants as ops  # type: ignore[attr-defined]
from re import _parser as parser  # type: ignore[attr-defined]
from typing import Any

Strings = Sequence[str]

_AT_MOST = 16
"""More than so many alternatives of one place are not told apart."""
_NOTHING = ("",)
# White space is no letter, as patterns are also held against a text whose lines have been joined.
_DIGITS = tuple("0123456789")
_LETTERS = {character: (chr(character).lower(),) for character in range(128) if not chr(character).isspace()}


@dataclass(frozen=True, slots=True)
class Literals:
    """Strings in small letters, and None where they are not known: one of `starts` begins whatever a part of a pattern
    matches, one of `needed` stands in it; `whole` is all that it can be, if that is little. An empty start is that of
    what follows the part."""

    whole: Strings | None = None
    starts: Strings | None = None
    needed: Strings | None = None


_UNKNOWN, _EMPTY = Literals(), Literals(_NOTHING, _NOTHING)


def literals(pattern: re.Pattern[str]) -> Literals:
    """Those of a pattern; linear in its length."""
    return _sequence(parser.parse(pattern.pattern, pattern.flags))


def _sequence(items: Iterable[tuple[Any, Any]]) -> Literals:
    run: Strings = _NOTHING
    needed: Strings | None = None
    whole, starts = True, _Starts()
    for op, content in items:
        item = _read(op, content)
        starts.go_on(item)
        if item.needed:
            needed = _better(needed, item.needed)
        if item.whole is not None and len(run) * len(item.whole) <= _AT_MOST:
            run = _product(run, item.whole)
        else:
            needed = _better(needed, run)
            run, whole = item.whole or _NOTHING, False
    return Literals(run if whole else None, starts.known(), _better(needed, run))


class _Starts:
    """How a sequence can begin: beginnings that are known as far as they will be, and those that still go on."""

    def __init__(self) -> None:
        self._done: list[str] = []
        self._open: Strings = _NOTHING
        self._anything = False

    def go_on(self, item: Literals) -> None:
        if item.starts is None or (len(self._open) > 1 and len(self._open) * len(item.starts) > _AT_MOST):
            self._anything = self._anything or "" in self._open
            self._done += self._open
            self._open = ()
        elif item.whole is not None:
            self._open = _product(self._open, item.whole)
        else:
            self._done += _product(self._open, [start for start in item.starts if start])
            self._open = self._open if "" in item.starts else ()

    def known(self) -> Strings | None:
        return None if self._anything else [*self._done, *self._open]


def _product(before: Strings, after: Strings) -> Strings:
    return [one + other for one in before for other in after]


def _read(op: Any, content: Any) -> Literals:
    reader = _READERS.get(op)
    return reader(content) if reader else _UNKNOWN


def _literal(character: int) -> Literals:
    letters = _LETTERS.get(character)
    return Literals(letters, letters)


def _one_of(content: Sequence[tuple[Any, Any]]) -> Literals:
    letters = _united([_class(kind, value) for kind, value in content])
    letters = letters if letters and len(letters) <= _AT_MOST else None
    return Literals(letters, letters)


def _class(kind: Any, value: Any) -> Strings | None:
    """The letters of a part of a class: one, a range, or all digits, of which those of other scripts count as a 0."""
    if kind is ops.LITERAL:
        return _LETTERS.get(value)
    if kind is ops.RANGE:
        return _united([_LETTERS.get(letter) for letter in range(value[0], min(value[1], value[0] + _AT_MOST) + 1)])
    return _DIGITS if value is ops.CATEGORY_DIGIT else None


def _branch(content: tuple[None, Sequence[Any]]) -> Literals:
    parts = [_sequence(part) for part in content[1]]
    whole = _united([part.whole for part in parts])
    return Literals(whole if whole and len(whole) <= _AT_MOST else None, _united([part.starts for part in parts]),
                    _united([part.needed for part in parts]))


def _repeat(content: tuple[int, int, Any]) -> Literals:
    least, most, repeated = content
    part = _sequence(repeated)
    if least == 0:
        starts = None if part.starts is None else [*part.starts, ""]
        return Literals([*part.whole, ""] if part.whole and most == 1 else None, starts)
    return part if most == 1 else Literals(None, part.starts, part.needed)


def _ahead(content: tuple[int, Any]) -> Literals:
    return Literals(_NOTHING, _NOTHING, _sequence(content[1]).needed)


def _united(parts: Sequence[Strings | None]) -> Strings | None:
    """The alternatives of all parts, if they are known of each."""
    known = [part for part in parts if part is not None]
    return [string for part in known for string in part] if len(known) == len(parts) else None


def _better(one: Strings | None, other: Strings | None) -> Strings | None:
    """The strings that are more seldom found: the longer ones, and of the same length the fewer."""
    known = [strings for strings in (one, other) if strings and min(map(len, strings)) > 0]
    return max(known, key=lambda strings: (min(map(len, strings)), -len(strings)), default=None)


_READERS: dict[Any, Callable[[Any], Literals]] = {
    ops.LITERAL: _literal, ops.IN: _one_of, ops.SUBPATTERN: lambda content: _sequence(content[3]), ops.BRANCH: _branch,
    ops.MAX_REPEAT: _repeat, ops.MIN_REPEAT: _repeat, ops.POSSESSIVE_REPEAT: _repeat, ops.ASSERT: _ahead,
    ops.AT: lambda _: _EMPTY, ops.ASSERT_NOT: lambda _: _EMPTY}
