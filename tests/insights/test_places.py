"""Parts of a reading by where they stand."""

from dataclasses import dataclass

from fhir_adapter.insights.places import around, following, within
from fhir_adapter.model.span import Span


@dataclass(frozen=True)
class Part:
    """Anything that stands somewhere."""

    span: Span


PARTS = tuple(Part(Span(start, start + 4)) for start in (0, 5, 10, 20))


def test_within_are_the_parts_that_lie_wholly_inside():
    """A part that begins before or ends behind the span is none of them."""
    assert [part.span.start for part in within(PARTS, Span(5, 14))] == [5, 10]
    assert within(PARTS, Span(6, 13)) == []
    assert list(within(PARTS, Span(0, 30))) == list(PARTS)


def test_around_is_the_part_that_covers():
    """The whole span must lie in it; between two parts there is none."""
    assert around(PARTS, Span(6, 9)) is PARTS[1]
    assert [around(PARTS, span) for span in (Span(4, 5), Span(8, 11), Span(30, 31))] == [None, None, None]


def test_following_is_the_next_part():
    """The one that begins at the place counts; behind the last one it is the number of all."""
    assert [following(PARTS, place) for place in (0, 5, 6, 21)] == [0, 1, 2, 4]
