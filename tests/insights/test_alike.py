"""Mentions that do not contradict one another are one thing."""

import random

import pytest

from fhir_adapter.insights.alike import alike


def plainly(things):
    """The definition: the first group of the kind that no member of which contradicts."""
    groups = []
    for thing in things:
        for group in groups:
            if all(one[0] == thing[0] and all(a is None or b is None or a == b for a, b in zip(one[1:], thing[1:],
                                                                                             strict=True))
                   for one in group):
                group.append(thing)
                break
        else:
            groups.append([thing])
    return tuple(tuple(group) for group in groups)


def grouped(things):
    """Things are tuples here: their kind, then what they say."""
    return alike(things, lambda thing: thing[0], lambda thing: thing[1:])


@pytest.mark.parametrize(("things", "sizes"), [
    ([("nodule", 8, "left"), ("nodule", None, None), ("nodule", 8, None)], [3]),
    ([("nodule", 8, None), ("nodule", 9, None), ("nodule", None, "left"), ("nodule", 8, "right")], [2, 1, 1]),
    ([("nodule", 8, None), ("mass", 8, None)], [1, 1]),
    ([], []),
])
def test_unsaid_is_the_same_as_any(things, sizes):
    """A mention that leaves something open joins the first group of its kind, and what it says then holds for all."""
    assert sizes == [len(group) for group in grouped(things)]


def test_groups_are_those_of_the_definition():
    """Whatever is said and left open in whatever order, the groups are those that comparing all with all gives."""
    chance = random.Random(5)
    for _ in range(300):
        things = [(chance.choice("ab"), *(chance.choice([None, 1, 2, 3]) for _ in range(3)))
                  for _ in range(chance.randint(0, 25))]
        assert plainly(things) == grouped(things)
