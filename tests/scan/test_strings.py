"""Many strings in one pass."""

import pytest

from fhir_adapter.scan import Strings


def test_places_are_in_order_and_may_overlap():
    """Each string that stands in the text is given with all places, also within words and within one another."""
    assert Strings(["embol", "bolus", "o"]).places("embolus, embolic") == {0: [0, 9], 1: [2], 2: [3, 12]}


def test_no_strings_stand_nowhere():
    """Without strings nothing is found, and a string without a character is refused."""
    assert Strings([]).places("embolus") == {}
    with pytest.raises(ValueError, match="a string needs a character"):
        Strings(["embol", ""])
