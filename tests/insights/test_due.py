"""Intervals counted from the day of the examination."""

from datetime import UTC, date, datetime

import pytest

from fhir_adapter.insights import due
from fhir_adapter.model.reading import Interval, IntervalUnit
from fhir_adapter.model.report import Moment
from fhir_adapter.model.span import Span

AT = Span(0, 1)


def interval(low: int | None, high: int | None = None, unit: IntervalUnit = IntervalUnit.MONTHS) -> Interval:
    return Interval(span=AT, low=low, high=high, unit=unit)


@pytest.mark.parametrize(("asked", "service", "expected"), [
    (interval(6), date(2024, 8, 31), (date(2025, 2, 28), None, None)),
    (interval(1, unit=IntervalUnit.YEARS), date(2024, 2, 29), (date(2025, 2, 28), None, None)),
    (interval(3, 6), date(2024, 1, 15), (None, date(2024, 4, 15), date(2024, 7, 15))),
    (interval(None, 6), datetime(2024, 1, 15, 9, tzinfo=UTC), (None, date(2024, 1, 15), date(2024, 7, 15))),
    (interval(2, unit=IntervalUnit.WEEKS), date(2024, 12, 25), (date(2025, 1, 8), None, None)),
    (interval(6, unit=IntervalUnit.HOURS), datetime(2024, 1, 15, 20, tzinfo=UTC),
     (datetime(2024, 1, 16, 2, tzinfo=UTC), None, None)),
    (interval(36, unit=IntervalUnit.HOURS), date(2024, 1, 15), (date(2024, 1, 17), None, None)),
    (interval(999, unit=IntervalUnit.YEARS), date(9500, 1, 1), (None, None, None)),
    (None, date(2024, 1, 15), (None, None, None)),
    (interval(6), None, (None, None, None)),
])
def test_point_or_period(asked: Interval | None, service: Moment | None,
                         expected: tuple[Moment | None, Moment | None, Moment | None]) -> None:
    """A number of months is a day of the calendar, a range is a period, and nothing is invented."""
    assert due.resolve(asked, service) == expected


def test_no_number_no_day() -> None:
    """An interval without a number, such as "short-term", has no day."""
    vague = Interval(span=AT, unit=IntervalUnit.MONTHS, vague=True)
    assert due.resolve(vague, date(2024, 1, 15)) == (None, None, None)
    assert due.days(vague) == (None, None)


@pytest.mark.parametrize(("asked", "expected"), [
    (interval(6), (180, 180)), (interval(3, 6), (90, 180)), (interval(None, 6), (None, 180)),
    (interval(1, unit=IntervalUnit.YEARS), (365, 365)), (interval(24, 48, IntervalUnit.HOURS), (1, 2))])
def test_days_of_annotated_reports(asked: Interval, expected: tuple[int | None, int | None]) -> None:
    """A month is 30 days and a year 365 where reports are compared."""
    assert due.days(asked) == expected
