"""How long to wait before another system is tried again."""

from datetime import timedelta

LONGEST = timedelta(minutes=10)


def pause(failures: int, chance: float) -> timedelta:
    """How long to wait after so many failures in a row: 1 s, 2 s, 4 s, … to ten minutes, varied by a quarter."""
    seconds = min(LONGEST.total_seconds(), 2.0 ** min(failures - 1, 20))
    return timedelta(seconds=seconds * (0.75 + 0.5 * chance))
