"""HL7 times (DT, TS, DTM: YYYY[MM[DD[HH[MM[SS[.S]]]]]][+/-ZZZZ], chapter 2A) as aware datetimes or dates."""

import re
from datetime import date, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

from fhir_adapter.model.report import Moment

_TIME = re.compile(r"(\d{4})(\d\d)?(\d\d)?(?:(\d\d)(\d\d)?(\d\d)?(?:\.(\d{1,6})\d*)?)?([+-])?(?(8)(\d\d)(\d\d))")


def moment(value: str, zone: str) -> Moment | None:
    """The time that `value` names: a date where only the day is given, None for an empty, partial or impossible one.

    A time without offset is in the IANA zone `zone`. A year or month alone is no day, so it gives None too.
    """
    match = _TIME.fullmatch(value.strip())
    if not match or not match.group(3):
        return None
    year, month, day, hour, minute, second, fraction, sign, off_hours, off_minutes = match.groups()
    try:
        if hour is None:
            return date(int(year), int(month), int(day))
        tz: timezone | ZoneInfo = ZoneInfo(zone)
        if sign:
            offset = timedelta(hours=int(off_hours), minutes=int(off_minutes))
            tz = timezone(-offset if sign == "-" else offset)
        return datetime(int(year), int(month), int(day), int(hour), int(minute or 0), int(second or 0),
                        int((fraction or "0").ljust(6, "0")), tz)
    except ValueError:
        return None


def day(value: str) -> date | None:
    """The day of a date of birth, where the value names one."""
    found = moment(value, "UTC")
    return found.date() if isinstance(found, datetime) else found
