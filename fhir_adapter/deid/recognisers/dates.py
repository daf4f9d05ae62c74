"""
Dates in any layout, moved by the patient's number of days and written back in the same layout.

Numeric dates are month first, as the reports are American English, unless that is impossible. A year alone stays. A
month with a year is moved through its fifteenth day. Where only the year may stay, a date becomes its year.
"""

import re
from collections.abc import Iterator
from datetime import date, timedelta

from fhir_adapter.deid.hits import Apart, Hit
from fhir_adapter.deid.recognisers.layouts import DATE_ABROAD, HOLIDAY, MONTHS_ABROAD, NAMES, NUMERIC, WEEKDAY, WORDED
from fhir_adapter.deid.scanner import Seen
from fhir_adapter.model.span import Span

_JOINED = re.compile(r"(?<=\d)(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)(?=\d\d)", re.IGNORECASE)
_CANDIDATE = re.compile(r"\d{1,4}(?:[-/][\dIVX]|\.(?:\d{1,2}\.|[IVX])|\s?[-/.]\s\d)|\d{8}|\d \d\s\s?[-/.]")
_MONTH_WORDS = frozenset(name.lower()[:n] for name in NAMES for n in (3, len(name))) | {"sept"}
_HOLIDAYS = frozenset({
    "christmas", "columbus day", "diwali", "easter", "father's", "fathers", "groundhog day", "halloween",
    "hanukkah", "hashanah", "independence day", "july", "juneteenth", "kippur", "labor day", "memorial day",
    "mother's", "mothers", "new year", "new year's", "new years", "passover", "patrick's", "patricks",
    "ramadan", "thanksgiving", "valentine's", "valentines", "veterans"
})
_WEEKDAYS = frozenset(["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"])
_RECENTLY = frozenset({"last week", "last weekend", "last month", "last night", "last monday", "last tuesday",
                       "last wednesday", "last thursday", "last friday", "last saturday", "last sunday"})
_VISIT = re.compile(r"\b(?:seen|visited|visit|admitted|evaluated|treated|presented|referred|consulted|"
                    r"consultation|hospitalized|"
                    r"discharged|appointment|met|saw|diagnosed)\b(?:[^.;\n]|\b(?:Drs?|St|Mrs?|Ms)\.)*$", re.IGNORECASE)
"""Only such a date says when a person was where; `compared with last week` stays, since the engine needs it."""
_VISIT_REACH = 70
CUES = _RECENTLY | _MONTH_WORDS | _HOLIDAYS | _WEEKDAYS | MONTHS_ABROAD
_BEFORE, _AFTER = 16, 28
"""How far a date reaches before and after the first letter of its month."""


def find(seen: Seen, days: int | None, near: date | None) -> Iterator[Hit]:
    """Each date of `text`, with the date `days` later in the same layout; `near` gives the year where none is said.

    `days` None leaves the year alone. A date that does not exist, or that cannot be moved for want of a year, becomes
    [DATE].
    """
    text = seen.text
    for match in HOLIDAY.finditer(text) if seen.has(_HOLIDAYS) else ():
        yield Hit(span=Span(*match.span()), replacement="[DATE]", recogniser="date", rule="holiday",
                  why="a day of the year by its name", rank=1)
    for match in WEEKDAY.finditer(text) if days is None and seen.has(_WEEKDAYS) else ():
        yield Hit(span=Span(*match.span()), replacement="[DATE]", recogniser="date", rule="weekday",
                  why="a day of the week, where only the year may stay", rank=2)
    for cue in seen.at(_RECENTLY):
        if _VISIT.search(text, max(0, cue.start - _VISIT_REACH), cue.start) and text[cue.end : cue.end + 1] not in "'’":
            yield Hit(span=cue, replacement="[DATE]", recogniser="date", rule="relative date of a visit",
                      why="when a person was seen, told by the day it is told on", rank=2)
    taken = Apart()
    for rule, match in _matches(seen):
        span = Span(*match.span())
        if taken.overlapping(span):
            continue
        taken.add(span)
        said = _moved(match, days, near) if days is not None else _year_alone(match, near)
        yield Hit(span=span, replacement=said or "[DATE]", recogniser="date", rule=rule,
                  why="a date, moved with all of the patient's dates" if days is not None else
                  "a date, of which only the year may stay", rank=1)


def _matches(seen: Seen) -> Iterator[tuple[str, re.Match[str]]]:
    """Each layout at each place where a date may begin: groups of digits, names of months."""
    text = seen.text
    for candidate in _CANDIDATE.finditer(text):
        for rule, expression in NUMERIC:
            if match := expression.match(text, candidate.start()):
                yield rule, match
                break
    for month in seen.at(MONTHS_ABROAD):
        if match := DATE_ABROAD.search(text, max(0, month.start - _BEFORE), month.start + _AFTER):
            yield "month of another language", match
    months = sorted(seen.at(_MONTH_WORDS))
    months += [Span(*m.span()) for m in _JOINED.finditer(text)]  # 05JAN2024 is one word
    for rule, expression in WORDED if months else ():
        for month in months:
            for match in expression.finditer(text, max(0, month.start - _BEFORE), month.start + _AFTER):
                yield rule, match


def _year_alone(match: re.Match[str], near: date | None) -> str | None:
    year = _year(match.groupdict().get("year"), near) if match.groupdict().get("year") else None
    return None if year is None else str(year)


def _moved(match: re.Match[str], days: int, near: date | None) -> str | None:
    parts = match.groupdict()
    month_word = parts.get("month")
    if not month_word and not parts.get("mon"):
        return None  # days of a month, months in another language
    month = _number(month_word) if month_word else int(parts["mon"])
    day = int(parts.get("day") or 15)
    year = _year(parts.get("year"), near)
    if not month_word and month > 12 >= day:
        swapped = True
        month, day = day, month
    else:
        swapped = False
    if year is None:
        return None
    try:
        new = date(year, month, day) + timedelta(days=days)
    except (ValueError, OverflowError):
        return None
    return _written(match, parts, new, swapped=swapped)


def _number(word: str) -> int:
    return next(n for n, name in enumerate(NAMES, start=1) if name.lower().startswith(word.lower()[:3]))


def _year(said: str | None, near: date | None) -> int | None:
    if said is None:
        return near.year if near else None
    if len(said) == 4:
        return int(said)
    pivot = ((near or date.today()).year + 1) % 100  # only the century hangs on today
    return int(said) + (2000 if int(said) <= pivot else 1900)


def _written(match: re.Match[str], parts: dict[str, str | None], new: date, *, swapped: bool) -> str:
    values: dict[str, str] = {"year": f"{new.year:04}"[-len(parts.get("year") or "0000"):]}
    said = parts.get("day") or ""
    values["day"] = str(new.day).zfill(len(said) if said.startswith("0") else 1)
    if parts.get("day") and len(str(parts["day"])) == 2 and "month" not in parts:
        values["day"] = f"{new.day:02}" if _padded(parts) else str(new.day)
    if parts.get("month"):
        name = NAMES[new.month - 1]
        word = str(parts["month"])
        short = len(word) <= 4 and word.lower() not in ("june", "july", "may")
        name = name[:3] if short and name != "September" else ("Sept"[: max(3, len(word))] if short else name)
        values["month"] = name.upper() if word.isupper() else (name.lower() if word.islower() else name)
    else:
        mon = f"{new.month:02}" if _padded(parts) else str(new.month)
        values["mon"] = mon
        if swapped:
            values["mon"], values["day"] = values["day"], mon
    if parts.get("ordinal"):
        values["ordinal"] = "th" if 10 < new.day < 14 else {1: "st", 2: "nd", 3: "rd"}.get(new.day % 10, "th")
    out, position = [], match.start()
    for name in sorted((n for n, v in parts.items() if v is not None and n in values), key=match.start):
        out += [match.string[position : match.start(name)], values[name]]
        position = match.end(name)
    out.append(match.string[position : match.end()])
    return "".join(out)


def _padded(parts: dict[str, str | None]) -> bool:
    """Whether a numeric date writes single digits with a zero; two digits in both places say nothing, so yes."""
    numbers = [str(parts[n]) for n in ("mon", "day") if parts.get(n)]
    return all(len(n) == 2 for n in numbers) or any(n.startswith("0") for n in numbers)
