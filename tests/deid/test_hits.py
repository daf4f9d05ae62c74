"""Of what recognisers say, what is replaced."""

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from fhir_adapter.deid.hits import Apart, Hit, settled
from fhir_adapter.model.span import Span

SPANS = st.builds(lambda start, length: Span(start, start + length), st.integers(0, 30), st.integers(1, 8))
HITS = st.builds(lambda span, rank, name: Hit(
    span=span, replacement="[X]", recogniser="titled name" if name else "number", rule="r", why="w", rank=rank),
    SPANS, st.integers(1, 3), st.booleans())


@given(st.lists(SPANS, max_size=12), SPANS)
def test_what_a_span_overlaps_is_found_among_those_that_lie_apart(spans, asked):
    """Every span that shares a character with the one asked about, and no other, in ascending order."""
    apart, kept = Apart(), []
    for span in spans:
        if not any(span.overlaps(other) for other in kept):
            kept.append(span)
            apart.add(span)
    for span in kept[::3]:
        apart.remove(span)
    left = [span for span in kept if span not in kept[::3]]
    assert apart.overlapping(asked) == sorted(span for span in left if span.overlaps(asked))


@given(st.lists(HITS, max_size=10))
def test_what_is_settled_lies_apart_and_leaves_nothing_standing(hits):
    """The hits ascend without overlaps; what no hit covers, nobody found, but for scraps of one or two characters."""
    made = settled(hits)
    covered = {place for hit in made for place in range(hit.span.start, hit.span.end)}
    found = {place for hit in hits for place in range(hit.span.start, hit.span.end)}
    assert all(one.span.end <= other.span.start for one, other in pairwise(made))
    assert covered <= found
    best = min(hits, key=lambda h: (h.rank, -len(h.span), h.span.start), default=None)
    assert best is None or covered >= set(range(best.span.start, best.span.end))
