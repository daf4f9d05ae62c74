"""When a follow-up is due: the words of an interval, counted from the day of the examination."""

from calendar import monthrange
from datetime import datetime, timedelta

from fhir_adapter.model.reading import Interval, IntervalUnit
from fhir_adapter.model.report import Moment


def resolve(interval: Interval | None, service: Moment | None) -> tuple[Moment | None, Moment | None, Moment | None]:
    """Point, start and end: "in 6 months" is a point, "3-6 months" and "within 6 months" are periods.

    Months and years are the calendar's; the thirty-first of a shorter month is its last day. All None where interval
    or day are unknown.
    """
    if interval is None or service is None or interval.vague:
        return None, None, None
    day = service.date() if isinstance(service, datetime) else service
    if interval.low is not None and interval.high is None:
        return _later(day, interval.low, interval.unit), None, None
    start = day if interval.low is None else _later(day, interval.low, interval.unit)
    return None, start, _later(day, interval.high or 0, interval.unit)


def _later(day: Moment, number: int, unit: IntervalUnit) -> Moment:
    if unit is IntervalUnit.HOURS:
        return day + timedelta(days=-(-number // 24))
    if unit is IntervalUnit.DAYS:
        return day + timedelta(days=number)
    if unit is IntervalUnit.WEEKS:
        return day + timedelta(weeks=number)
    months = number * (12 if unit is IntervalUnit.YEARS else 1) + day.month - 1
    year, month = day.year + months // 12, months % 12 + 1
    return day.replace(year=year, month=month, day=min(day.day, monthrange(year, month)[1]))
