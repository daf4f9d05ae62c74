"""
Sizes and values: one to three dimensions, ranges, comparators, units by table.

Never from the technique (slice thickness), nor from doses, levels, dates, distances, series or image numbers: a number
counts when it has a unit and nothing says that it measures something else.
"""

import re
from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal
from functools import lru_cache
from typing import TypedDict

from fhir_adapter.model.reading import Measurement, Quantity, SectionKind, Sentence
from fhir_adapter.model.span import Span
from fhir_adapter.nlp import marks
from fhir_adapter.nlp.lower import lower
from fhir_adapter.nlp.page import Page
from fhir_adapter.nlp.size_grammar import NUMBER, WORDS, Grammar, grammar
from fhir_adapter.tables.extraction import MeasurementWords, UnitRow

_SILENT = {SectionKind.TECHNIQUE, SectionKind.HEADER, SectionKind.SIGNATURE}
_LISTED = lower(rf"(?<![\w.])((?:{NUMBER}\s*,\s*)+)$")
_LISTED_AND = lower(rf"(?<![\w.])((?:{NUMBER}\s*,\s*)+)(?:and|or|&)\s+$")
_BETWEEN = lower(r"\bbetween\s+(?:approximately\s+|about\s+)?$")
_CHANGED = lower(
    r"\b(?:increas|decreas|enlarg|grow|grew|chang|progress|regress|diminish|shr[aiu]nk|reduc|went|gone|going|declin|"
    r"improv|wors|up|down|larger|smaller)\w*\b[^.;]{0,60}\bfrom\s+(?:approximately\s+|about\s+)?$")
_EARLIER = lower(
    r"[\s,;(]*(?:\([^)]{0,30}\)[\s,;(]*)?(?:previously|prior(?:ly)?|formerly|was|compared\s+(?:to|with)|versus|vs\.?)"
    r"\s*:?\s*(?:measur\w+\s+|approximately\s+|about\s+|suv(?:max)?\s+)*"
    rf"(?P<numbers>{NUMBER}(?:\s*[x×]\s*{NUMBER}){{0,2}})(?=\s*(?:[),;]|\.?\s*$|\.\s))")
_MEASURES = lower(r"measur\w+\s*(?:\w+\s+)?$")
# Where a size may begin: at a number, its sign or its word.
_START = lower(r"(?:(?<!\w)[-−]|\.)?\d")
_WORDED = lower(rf"(?:(?<!\w)[-−]|\.)?\d|\bminus\s|\b(?:{'|'.join(WORDS)})\b")
_WINDOW, _CLOSE = 160, 48
_IF = lower(r"\b(?:if|unless|should\s+there\s+be)\b[^.;]*$")
_RATIO = lower(r"\s*/\s*(?!\d)")


class _Common(TypedDict):
    unit: str
    quantity: Quantity
    section: SectionKind


def find(page: Page, words: MeasurementWords) -> tuple[tuple[Measurement, Sentence], ...]:
    """Every size and value with its sentence, in order; all of them current and of no subject yet."""
    found: list[tuple[Measurement, Sentence]] = []
    for number in page.holding(marks.MEASUREMENT):
        sentence = page.sentences[number]
        if sentence.section in _SILENT:
            continue
        known = grammar(words)
        if (known.usual.search(page.low, sentence.span.start, sentence.span.end)
                or known.anchor.search(page.low, sentence.span.start, sentence.span.end)):
            starts = _WORDED if page.marked[number] & marks.NUMERAL else _START
            found += [(size, sentence) for size in _in(page.low, sentence, starts, words, known)]
    return tuple(found)


def _in(low: str, sentence: Sentence, starts: re.Pattern[str], words: MeasurementWords, known: Grammar,
        ) -> list[Measurement]:
    line, start, section = sentence.span.of(low), sentence.span.start, sentence.section
    made: list[Measurement] = []
    if "suv" in line:
        made += [_made(words.uptake, section, (_number(m["n1"]),), Span(*m.span()), m["high"])
                 for m in known.uptake.finditer(line)]
    if "hu" in line or "hounsfield" in line:
        row = next(row for row in words.units if row.quantity is Quantity.ATTENUATION)
        made += [_made(row, section, (_number(m["n1"]) * (-1 if m["sign"] else 1),), Span(*m.span()), m["high"])
                 for m in known.bare.finditer(line)]
    if "sub" in line:
        made += [Measurement(span=Span(*m.span()), values=(Decimal(1),), unit=unit, comparator="<", section=section)
                 for expression, unit in known.small for m in expression.finditer(line)]
    taken = [m.span for m in made]
    end = 0
    for begin in starts.finditer(line):
        match = known.size.match(line, begin.start()) if begin.start() >= end else None
        if match is None:
            continue
        end = match.end()
        if not any(Span(*match.span()).overlaps(span) for span in taken):
            made += _read(line, match, section, known)
    made += [m for size in made for m in _unitless(line, size)]
    made.sort(key=lambda m: m.span)
    return [_shifted(m, start) for m in made]


def _made(row: UnitRow, section: SectionKind, values: tuple[Decimal, ...], span: Span,
          high: str | None) -> Measurement:
    return Measurement(span=span, values=values, unit=row.ucum, quantity=row.quantity, section=section,
                       high=_number(high) if high else None)


def _read(line: str, match: re.Match[str], section: SectionKind, known: Grammar) -> Iterator[Measurement]:
    """The measurements of one match: one, or two where two sizes share the pattern of a range."""
    if not any(match.group("u1", "u2", "u3", "uh", "w1", "w2", "w3", "v1", "v2", "v3")):
        return
    rows = {n: _row(match[f"u{n}"] or ((match[f"w{n}"] or match[f"v{n}"]) if n != "h" else None), known)
            for n in ("1", "2", "3", "h")}
    last = next((n for n in ("3", "2", "h", "1") if rows[n]), None)
    if last is None:
        return
    row = rows[last]
    assert row is not None
    dimensions = [n for n in ("1", "2", "3") if match[f"n{n}"]]
    unit_end = max(match.end(f"{k}{last}") for k in ("uwv" if last != "h" else "u"))
    end = max(unit_end, *(match.end(f"{k}{n}") for n in dimensions for k in "pa"))
    before = line[max(0, match.start() - _WINDOW) : match.start()]
    if match.end(f"n{dimensions[-1]}") > end:  # "2 cm x 3": the last number has no unit
        return
    if match["high"] and rows["1"] and not rows["h"]:  # "8 mm and 3": the second number is something else
        pair = False
        end = max(match.end("u1"), match.end("a1"), match.end("p1"))
    else:
        pair = bool(match["high"])
    if _RATIO.match(line, end) or _elsewhere(line, match, before, line[end : end + _WINDOW], row, known):
        return
    values = [_number(match[f"n{n}"]) for n in dimensions]
    common: _Common = {"unit": row.ucum, "quantity": row.quantity, "section": section}
    if pair:
        yield from _pair(line, match, end, rows["1"] or row, row, section, known)
        return
    names = _named(before, line[unit_end : unit_end + _WINDOW], len(values), known)
    if names:
        end = unit_end
    else:
        axes = tuple(_axis(match[f"p{n}"] or match[f"a{n}"] or "", known) for n in dimensions)
        names = axes if all(axes) else ()
    first = next(r for n in dimensions if (r := rows[n]))
    if first.ucum != row.ucum:
        common["unit"] = first.ucum
        values = [_converted(v, (rows[n] or row).ucum, first.ucum) for v, n in zip(values, dimensions, strict=True)]
    start = match.start("n1")
    if match["sign"] and row.quantity is Quantity.ATTENUATION:
        values[0], start = -values[0], match.start("sign")
    if len(values) == 1:
        yield from _listed(before, match.start(), row, section, _LISTED_AND)
    yield _compared(before, line[end : end + _WINDOW], known,
                    Measurement(span=Span(start, end), values=tuple(values), dimensions=names, **common))


def _pair(line: str, match: re.Match[str], end: int, first: UnitRow, row: UnitRow, section: SectionKind,
          known: Grammar) -> Iterator[Measurement]:
    """Two numbers: a range ("2 to 3 mm"), two sizes ("5 and 8 mm") or before and after ("from 6 to 8 mm")."""
    before, after = line[max(0, match.start() - _WINDOW) : match.start()], line[end : end + _WINDOW]
    low, high = _number(match["n1"]), _number(match["high"])
    changed = _CHANGED.search(before) is not None
    if not changed and (not match["and"] or _BETWEEN.search(before)):
        low_sign = -1 if match["sign"] and row.quantity is Quantity.ATTENUATION else 1
        yield _compared(before, after, known, Measurement(
            span=Span(match.start("sign") if low_sign < 0 else match.start("n1"), end), values=(low * low_sign,),
            unit=first.ucum, high=_converted(high, row.ucum, first.ucum), quantity=row.quantity, section=section))
        return
    if not changed:
        yield from _listed(before, match.start(), row, section, _LISTED)
    first_end = match.end("u1") if match["u1"] else match.end("n1")
    yield _compared(before, "", known, Measurement(span=Span(match.start("n1"), first_end), values=(low,),
                                                   unit=first.ucum, quantity=first.quantity, section=section))
    yield _compared("", after, known, Measurement(span=Span(match.start("high"), end), values=(high,), unit=row.ucum,
                                                  quantity=row.quantity, section=section))


def _elsewhere(line: str, match: re.Match[str], before: str, after: str, row: UnitRow, known: Grammar) -> bool:
    """Whether the number measures an image, an instrument, a dose, a distance, a rule or a change."""
    close = before[-_CLOSE:]
    if known.ends.search(close) or known.follows.match(after):
        return True
    if row.quantity is Quantity.VOLUME:
        return known.contrast.search(line) is not None
    if row.quantity is Quantity.ANGLE:
        return known.angle.search(line) is None
    if row.quantity is Quantity.FRACTION:
        return not (known.fraction_before.search(before[-60:]) or known.fraction_after.match(after))
    return row.quantity is Quantity.LENGTH and (
        (match["n2"] is None and known.distance.match(after) is not None and not _MEASURES.search(before))
        or _ruled(line, match, before, after, known))


def _ruled(line: str, match: re.Match[str], before: str, after: str, known: Grammar) -> bool:
    """Whether the number is one of a rule: compared with, and quoted or under a condition."""
    close = before[-_CLOSE:]
    compared = (match["high"] or (known.any_before.search(close) and any(
        e.search(close) for e, sign in known.before if sign != "~")) or known.any_after.match(after))
    return bool(compared and (known.guideline.search(line) or _IF.search(before)))


def _listed(before: str, end: int, row: UnitRow, section: SectionKind, pattern: re.Pattern[str]
            ) -> Iterator[Measurement]:
    """The numbers of "5, 6 and 8 mm" before the last: they share its unit."""
    listed = pattern.search(before[-60:])
    if listed is None:
        return
    offset = end - len(before[-60:])
    for match in re.finditer(NUMBER, listed.group(1)):
        at = Span(*match.span()).shifted(offset + listed.start(1))
        yield Measurement(span=at, values=(_number(match.group()),), unit=row.ucum, quantity=row.quantity,
                          section=section)


def _compared(before: str, after: str, known: Grammar, size: Measurement) -> Measurement:
    """The measurement with its comparator, whose words become part of its own."""
    tail = before[-_CLOSE:]
    for expression, sign in known.before if known.any_before.search(tail) else ():
        match = expression.search(tail)
        if match:
            start = size.span.start - len(tail) + match.start("cue")
            return replace(size, comparator=sign, span=Span(min(start, size.span.start), size.span.end))
    for expression, sign in known.after if known.any_after.match(after) else ():
        match = expression.match(after)
        if match:
            return replace(size, comparator=sign, span=Span(size.span.start, size.span.end + match.end()))
    return size


def _unitless(line: str, size: Measurement) -> Iterator[Measurement]:
    """An earlier value without its unit behind one with a unit: "SUVmax 8.7 (previously 12.3)"."""
    match = _EARLIER.match(line, size.span.end)
    if match and size.quantity in (Quantity.LENGTH, Quantity.UPTAKE, Quantity.ATTENUATION):
        values = tuple(_number(n) for n in re.findall(NUMBER, match["numbers"]))
        if len(values) == len(size.values):
            yield replace(size, span=Span(*match.span("numbers")), values=values, high=None, comparator="",
                          dimensions=())


@lru_cache(maxsize=256)
def _row(words: str | None, known: Grammar) -> UnitRow | None:
    return next((row for pattern, row in known.units if pattern.fullmatch(words)), None) if words else None


def _axis(words: str, known: Grammar) -> str:
    return words and next((name for pattern, name in known.axes if pattern.fullmatch(words)), "")


def _named(before: str, after: str, count: int, known: Grammar) -> tuple[str, ...]:
    """The axes of a list before or after the numbers: "AP x TR x CC", "in length, width and height"."""
    if count < 2:
        return ()
    match = known.axes_after.match(after) or known.axes_before.search(before[-90:])
    if match is None:
        return ()
    names = tuple(_axis(m.group(), known) for m in known.axis.finditer(match.group(1)))
    return names if len(names) == count else ()


def _number(words: str) -> Decimal:
    return Decimal(WORDS.get(words.lower(), words.replace(",", "")))


def _converted(value: Decimal, unit: str, wanted: str) -> Decimal:
    if unit == wanted:
        return value
    power = {("mm", "cm"): -1, ("cm", "mm"): 1}.get((unit, wanted), 0)
    moved = value.scaleb(power).normalize()
    return moved.quantize(Decimal(1)) if moved == moved.to_integral() else moved


def _shifted(size: Measurement, by: int) -> Measurement:
    return Measurement(span=size.span.shifted(by), values=size.values, unit=size.unit, quantity=size.quantity,
                       high=size.high, comparator=size.comparator, dimensions=size.dimensions, section=size.section)
