"""When a follow-up is due, as written: "in 6 months", "3-6 months", "within one year", "annually"."""

import re

from fhir_adapter.model.reading import Interval, IntervalUnit
from fhir_adapter.model.span import Span

_WORDS = {"one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8, "nine": 9, "ten": 10,
          "eleven": 11, "twelve": 12, "eighteen": 18, "a": 1, "an": 1}
_UNITS = {"day": IntervalUnit.DAYS, "week": IntervalUnit.WEEKS, "wk": IntervalUnit.WEEKS, "month": IntervalUnit.MONTHS,
          "mo": IntervalUnit.MONTHS, "year": IntervalUnit.YEARS, "yr": IntervalUnit.YEARS}
_N = r"(?:\d{1,2}|" + "|".join(sorted(_WORDS, key=len, reverse=True)) + ")"
_INTERVAL = re.compile(
    rf"\b(?P<within>within(?: the)?(?: next)?|no later than|(?:in|over) the next)?\s*(?:in|at|after|every)?\s*"
    rf"(?P<low>{_N})\s*(?:(?:-|–|to|or)\s*(?P<high>{_N})\s*)?[- ]?(?P<unit>day|week|wk|month|mo|year|yr)s?\b"
    rf"(?!\s*(?:[- ]?old\b|ago\b|prior\b|earlier\b|stability|history|of stability|apart|of age))", re.IGNORECASE)
_EVERY = re.compile(r"\b(?P<year>annual(?:ly)?|yearly|once a year)\b|\b(?P<half>semi-?annual(?:ly)?|biannual(?:ly)?)\b",
                    re.IGNORECASE)


def find(text: str, within: Span) -> tuple[Interval, ...]:
    """The intervals in one stretch of text; numbers that are ages or look back in time are none."""
    found = []
    for match in _INTERVAL.finditer(text, within.start, within.end):
        low, high = _number(match.group("low")), match.group("high")
        unit = _UNITS[match.group("unit").lower()]
        start = match.start() + len(match.group()) - len(match.group().lstrip())
        span = Span(start, match.end())
        if match.group("within") and not high:
            found.append(Interval(span=span, unit=unit, high=low))
        else:
            found.append(Interval(span=span, unit=unit, low=low, high=_number(high) if high else None))
    for match in _EVERY.finditer(text, within.start, within.end):
        half = match.lastgroup == "half"
        found.append(Interval(span=Span(*match.span()), unit=IntervalUnit.MONTHS if half else IntervalUnit.YEARS,
                              low=6 if half else 1))
    return tuple(sorted(found, key=lambda i: i.span))


def _number(word: str) -> int:
    return int(word) if word.isdigit() else _WORDS[word.lower()]
