"""Dates as reports write them, month first, and times of day."""

import re
from collections.abc import Iterator
from datetime import date, datetime, time

from fhir_adapter.model.report import Moment
from fhir_adapter.model.span import Span
from fhir_adapter.nlp.lower import lower

_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_MONTH = r"(?:jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?|" \
         r"oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)"
_DIGIT = re.compile(r"\d")
DATE = lower(
    rf"(?<![\w./-])(?:(?P<y1>(?:19|20)\d\d)[-/](?P<m1>\d{{1,2}})[-/](?P<d1>\d{{1,2}})"
    rf"|(?P<m2>\d{{1,2}})(?P<s>[/.-])(?P<d2>\d{{1,2}})(?P=s)(?P<y2>(?:19|20)\d\d|\d\d)"
    rf"|(?P<m3>{_MONTH})\.?\s+(?P<d3>\d{{1,2}})(?:st|nd|rd|th)?(?:,?\s+(?P<y3>(?:19|20)\d\d))?"
    rf"|(?P<d4>\d{{1,2}})(?:st|nd|rd|th)?[\s-](?P<m4>{_MONTH})(?:[,\s-]+(?P<y4>(?:19|20)\d\d))?"
    rf"|(?P<my>{_MONTH})\.?,?\s+(?:of\s+)?(?P<yy>(?:19|20)\d\d)|(?P<m5>1[0-2]|0?[1-9])/(?P<d5>3[01]|[12]\d|0?[1-9])"
    rf")(?![\w/]|\.\d|\s*(?:mm|cm)\b)")
TIME = lower(
    r"(?<![\w:./-])(?:(?P<h1>[01]?\d|2[0-3])[:.](?P<m1>[0-5]\d)(?::[0-5]\d)?(?:\s*(?P<half1>[ap])\.?\s?m\b\.?)?"
    r"|(?P<h2>1[0-2]|0?[1-9])\s*(?P<half2>[ap])\.?\s?m\b\.?"
    r"|(?P<h3>[01]\d|2[0-3])(?P<m3>[0-5]\d)(?:\s*(?:hours?|hrs?|h)\b|(?=\s+on\b))"
    r"|(?<=\bat )(?P<h4>[01]\d|2[0-3])(?P<m4>[0-5]\d)(?=\s*(?:[.,;)]\s|[.,;)]?$|and\b|by\b|with\b|who\b))"
    r"|(?P<noon>noon|midnight))(?!\d|:\d|\s*(?:mm|cm|%))")


def find(low: str, start: int, end: int, near: Moment | None) -> Iterator[tuple[Span, date | None]]:
    """Each date in [start, end) of a text in lower case; None for one without a day or outside the calendar.

    A year that is not written is that of the last such day before or on `near`.
    """
    if _DIGIT.search(low, start, end) is None:
        return
    for match in DATE.finditer(low, start, end):
        yield Span(*match.span()), _date(match, day_of(near))


def day_of(moment: Moment | None) -> date | None:
    """The day of a moment."""
    return moment.date() if isinstance(moment, datetime) else moment


def _date(match: re.Match[str], near: date | None) -> date | None:
    part = match.groupdict()
    if part["my"]:
        return None
    month_word = next((part[m] for m in ("m1", "m2", "m3", "m4", "m5") if part[m]), "")
    day = int(next((part[d] for d in ("d1", "d2", "d3", "d4", "d5") if part[d]), "0"))
    said = next((part[y] for y in ("y1", "y2", "y3", "y4") if part[y]), None)
    month = int(month_word) if month_word.isdigit() else _MONTHS.index(month_word[:3].lower()) + 1
    try:
        if said is not None:
            year = int(said) if len(said) == 4 else int(said) + (1900 if int(said) > 69 else 2000)
            return date(year, month, day) if month <= 12 else date(year, day, month)
        if near is None:
            return None
        this = date(near.year, month, day)
        return this if this <= near else date(near.year - 1, month, day)
    except ValueError:
        return None


def clock(match: re.Match[str]) -> time:
    """The time of day that a match of `TIME` says."""
    if match["noon"]:
        return time(12 if match["noon"].lower() == "noon" else 0)
    hour = int(match["h1"] or match["h2"] or match["h3"] or match["h4"])
    half = (match["half1"] or match["half2"] or "").lower()
    if half == "p" and hour < 12:
        hour += 12
    if half == "a" and hour == 12:
        hour = 0
    return time(hour, int(match["m1"] or match["m3"] or match["m4"] or 0))
