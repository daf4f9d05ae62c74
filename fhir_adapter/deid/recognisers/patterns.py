"""The patterns of mappings/deid/patterns.yaml: contacts, identifiers, addresses, facilities."""

import re
from collections.abc import Iterable, Iterator
from functools import lru_cache
from operator import attrgetter

from fhir_adapter.deid.hits import Hit
from fhir_adapter.deid.scanner import Seen
from fhir_adapter.model.span import Span
from fhir_adapter.tables.deidentification import DeidTables, Pattern

_START = attrgetter("start")
_AROUND = 24
"""How far a measurement, level or score reaches to each side of a number in it."""
_REACH = 160
"""How far a pattern reaches to each side of one of its words."""
_DIGITS = re.compile(r"\d+")


def find(seen: Seen, tables: DeidTables) -> Iterator[Hit]:
    """Each hit of each pattern that is not inside what is protected."""
    hits = list(_hits(seen, tables))
    yield from (hit for hit in hits if not _is_protected(seen.text, hit.span, tables))


def _is_protected(text: str, span: Span, tables: DeidTables) -> bool:
    start, end = max(0, span.start - _AROUND), span.end + _AROUND
    return any(match.start() <= span.start and span.end <= match.end()
               for expression in tables.protected for match in expression.finditer(text, start, end))


def _hits(seen: Seen, tables: DeidTables) -> Iterator[Hit]:
    by_cue, always = _sorted(tables)
    running: dict[str, tuple[Pattern, list[Span]]] = {}
    for cue, places in seen.cues.items():
        for pattern in by_cue.get(cue, ()):
            if pattern.words:
                running.setdefault(pattern.rule, (pattern, []))[1].extend(places)
                continue
            for place in places:
                if match := pattern.expression.match(seen.text, place.start):
                    yield _hit(match, pattern)
    for pattern, all_places in running.values():
        yield from _in(seen.text, pattern, _windows(all_places, _REACH))
    for pattern in always:
        if pattern.when and pattern.when.search(seen.plain):
            yield from _in(seen.text, pattern, [(0, len(seen.text))])
    near = _numbers(seen.plain.replace("\n", " "))
    numbers = "\n".join([seen.plain[start:end] for start, end in near])
    found: dict[re.Pattern[str], bool] = {}
    for pattern in always if near else ():
        gate = pattern.number
        if gate is None:
            continue
        if gate not in found:
            found[gate] = gate.search(numbers) is not None
        if found[gate]:
            wide = pattern.recogniser == "address"
            yield from _in(seen.text, pattern, _windows([Span(*w) for w in near], _REACH) if wide else near)


def _numbers(plain: str) -> list[tuple[int, int]]:
    """The words that hold a digit with the words before and after each; those that touch as one.

    Two digits alone (a size, a count) are nobody's number, but that of a house in a German street.
    """
    windows: list[tuple[int, int, int]] = []
    for run in _DIGITS.finditer(plain):
        first, last = run.span()
        start = max(0, plain.rfind(" ", 0, max(0, plain.rfind(" ", 0, first))))
        after = plain.find(" ", last)
        end = plain.find(" ", after + 1) if after >= 0 else -1
        end = end if end >= 0 else len(plain)
        if windows and start <= windows[-1][1]:
            windows[-1] = (windows[-1][0], end, windows[-1][2] + last - first)
        else:
            windows.append((start, end, last - first))
    return [(start, end) for start, end, digits in windows if digits > 2 or "str" in plain[start:end]]


def _in(text: str, pattern: Pattern, windows: Iterable[tuple[int, int]]) -> Iterator[Hit]:
    for start, end in windows:
        for match in pattern.expression.finditer(text, start, end):
            yield _hit(match, pattern)


def _windows(places: Iterable[Span], reach: int) -> list[tuple[int, int]]:
    """The stretches around these places, those that touch as one."""
    windows: list[tuple[int, int]] = []
    for place in sorted(places, key=_START):
        start, end = max(0, place.start - reach), place.end + reach
        if windows and start <= windows[-1][1]:
            start = windows.pop()[0]
        windows.append((start, end))
    return windows


@lru_cache(maxsize=4)
def _sorted(tables: DeidTables) -> tuple[dict[str, list[Pattern]], list[Pattern]]:
    """The patterns by their cue words, and those without any."""
    by_cue: dict[str, list[Pattern]] = {}
    for pattern in tables.patterns:
        for cue in pattern.cues | pattern.words:
            by_cue.setdefault(cue, []).append(pattern)
    return by_cue, [pattern for pattern in tables.patterns if pattern.when or pattern.number]


def _hit(match: re.Match[str], pattern: Pattern) -> Hit:
    group: str | int = "value" if "value" in pattern.expression.groupindex else 0
    return Hit(span=Span(*match.span(group)), replacement=f"[{pattern.tag}]", recogniser=pattern.recogniser,
               rule=pattern.rule, why=pattern.why, rank=4)
