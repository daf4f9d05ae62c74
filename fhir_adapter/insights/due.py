"""When a follow-up is due: the words of an interval, counted from the day of the examination."""

from calendar import monthrange
from datetime import datetime, timedelta

from fhir_adapter.model.reading import Interval, IntervalUnit
from fhir_adapter.model.report import Moment

_DAYS = {IntervalUnit.DAYS: 1, IntervalUnit.WEEKS: 7, IntervalUnit.MONTHS: 30, IntervalUnit.YEARS: 365}


def resolve(interval: Interval | None, service: Moment | None) -> tuple[Moment | None, Moment | None, Moment | None]:
    """Point, start and end: "in 6 months" is a point, "3-6 months" and "within 6 months" are periods.

    Months and years are the calendar's; the thirty-first of a shorter month is its last day. Hours count from the time
    of the examination if it is known, else as whole days. All None where interval or day are unknown or no number is
    said.
    """
    if interval is None or service is None or interval.vague:
        return None, None, None
    try:
        if interval.low is not None and interval.high is None:
            return _later(service, interval.low, interval.unit), None, None
        start = _day(service) if interval.low is None else _later(service, interval.low, interval.unit)
        return None, start, _later(service, interval.high or 0, interval.unit)
    except (OverflowError, ValueError):  # the calendar ends
        return None, None, None


def days(interval: Interval) -> tuple[int | None, int | None]:
    """Least and most days, where a month is 30 days and a year 365, as in annotated reports.

    "in 6 months" is (180, 180), "within 6 months" (None, 180), "short-term" (None, None); hours are rounded up to days.
    """
    if interval.vague:
        return None, None
    least = None if interval.low is None else _whole(interval.low, interval.unit)
    most = least if interval.high is None else _whole(interval.high, interval.unit)
    return least, most


def _whole(number: int, unit: IntervalUnit) -> int:
    return -(-number // 24) if unit is IntervalUnit.HOURS else number * _DAYS[unit]


def _day(moment: Moment) -> Moment:
    return moment.date() if isinstance(moment, datetime) else moment


def _later(moment: Moment, number: int, unit: IntervalUnit) -> Moment:
    day = _day(moment)
    if unit is IntervalUnit.HOURS:
        return moment + timedelta(hours=number) if isinstance(moment, datetime) else day + timedelta(
            days=_whole(number, unit))
    if unit is IntervalUnit.DAYS:
        return day + timedelta(days=number)
    if unit is IntervalUnit.WEEKS:
        return day + timedelta(weeks=number)
    months = number * (12 if unit is IntervalUnit.YEARS else 1) + day.month - 1
    year, month = day.year + months // 12, months % 12 + 1
    return day.replace(year=year, month=month, day=min(day.day, monthrange(year, month)[1]))
