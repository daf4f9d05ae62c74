"""What is matched with what."""

from fhir_adapter.evaluation.matching import Mark, Matched, one_to_one, shared
from fhir_adapter.model.span import Span


def mark(start, end, key=()):
    return Mark(spans=(Span(start, end),), key=key)


def test_words_must_overlap_and_keys_agree():
    """Touching words do not overlap; another key is another thing."""
    wanted = [mark(0, 4, "present"), mark(10, 14, "absent")]
    said = [mark(4, 6, "present"), mark(10, 14, "present"), mark(13, 20, "absent")]
    assert one_to_one(wanted, said) == Matched(right=(2,), wrong=(0, 1), found=(1,), missed=(0,))


def test_one_thing_said_is_one_annotation():
    """Two annotations within one thing said: one is found, one missed."""
    assert one_to_one([mark(0, 4), mark(6, 9)], [mark(0, 9)]) == Matched(right=(0,), wrong=(), found=(0,), missed=(1,))


def test_the_most_pairs_are_made_whatever_the_order():
    """The first annotation could take either; it leaves the one to the second that has no other."""
    wanted, said = [mark(0, 10), mark(0, 4)], [mark(0, 4), mark(6, 10)]
    assert (one_to_one(wanted, said).found, one_to_one(wanted[::-1], said[::-1]).found) == ((0, 1), (0, 1))


def test_hundreds_at_one_place_are_matched():
    """The same words annotated and said many times over: each has its partner."""
    assert len(one_to_one([mark(0, 9)] * 300, [mark(0, 9)] * 300).found) == 300


def test_what_holds_of_the_report_needs_no_words():
    """A mark without words matches any with the same key."""
    assert one_to_one([Mark()], [mark(3, 5)]).found == (0,)


def test_shared_insights_are_judged_by_themselves():
    """One insight with the words of two mentions is right once and finds both."""
    said = [Mark(spans=(Span(0, 4), Span(10, 14))), mark(20, 24)]
    assert shared([mark(0, 4), mark(11, 12), mark(30, 33)], said) == Matched(right=(0,), wrong=(1,), found=(0, 1),
                                                                            missed=(2,))
