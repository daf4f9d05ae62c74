"""How pages write times and numbers."""

import json
import re
from datetime import UTC, datetime

_STEPS = ((60, "s"), (60, "min"), (24, "h"), (7, "d"), (52, "weeks"))


def when(moment: datetime | None) -> str:
    """A moment to the second, in UTC, which is what the store keeps."""
    return f"{moment.astimezone(UTC):%Y-%m-%d %H:%M:%S}" if moment else ""


def lasting(seconds: float) -> str:
    """A length of time in its largest unit: `40 s`, `12 min`, `3 h`."""
    value = abs(seconds)
    if value < 1:
        return f"{1000 * value:.0f} ms"
    for size, unit in _STEPS:
        if value < size or unit == "weeks":
            return f"{value:.0f} {unit}" if value >= 10 or unit == "s" else f"{value:.1f} {unit}".replace(".0", "")
        value /= size
    raise AssertionError("the last unit takes all")


def ago(moment: datetime | None) -> str:
    """How long ago a moment was."""
    if moment is None:
        return ""
    seconds = (datetime.now(UTC) - moment).total_seconds()
    return f"{lasting(seconds)} ago" if seconds >= 0 else f"in {lasting(seconds)}"


def number(value: int) -> str:
    """A number with thin blanks between thousands."""
    return f"{value:,}".replace(",", "\u202f")


def pretty(value: object) -> str:
    """JSON with its lines broken, as text; the template escapes it."""
    return json.dumps(value, ensure_ascii=False, indent=1)


def words(name: str) -> str:
    """`followupRecommendation` as `follow-up recommendation`."""
    spelled = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", name).lower()
    return spelled.replace("followup", "follow-up")


def day(iso: str) -> datetime:
    """The beginning of a day, in UTC, as plots place it."""
    return datetime.fromisoformat(iso).replace(tzinfo=UTC)


FILTERS = {"day": day, "pretty": pretty, "words": words, "when": when, "ago": ago, "lasting": lasting, "number": number}
