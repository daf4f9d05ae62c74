"""Which parts of a reading stand where; parts of one sort are in the order of the text."""

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from typing import Protocol, TypeVar

from fhir_adapter.model.span import Span


class Placed(Protocol):
    """Something that stands in the text: a finding, a sentence, a section, a measurement."""

    @property
    def span(self) -> Span:
        """Where it stands."""


P = TypeVar("P", bound=Placed)


def within(parts: Sequence[P], span: Span) -> Sequence[P]:
    """Those that lie wholly inside a span, in time that does not grow with the text."""
    first = bisect_left(parts, span.start, key=_start)
    begun = parts[first:bisect_left(parts, span.end, lo=first, key=_start)]
    return [part for part in begun if part.span.end <= span.end]


def following(parts: Sequence[P], place: int) -> int:
    """The number of the first one that begins at a place or behind it."""
    return bisect_left(parts, place, key=_start)


def around(parts: Sequence[P], span: Span) -> P | None:
    """Of parts that do not overlap, the one that covers a span, if there is one."""
    number = bisect_right(parts, span.start, key=_start) - 1
    return parts[number] if number >= 0 and parts[number].span.covers(span) else None


def _start(part: Placed) -> int:
    return part.span.start
