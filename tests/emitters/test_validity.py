"""The kept answer is the model's answer."""

import copy

import pytest

from fhir_adapter.emitters.elements import Part
from fhir_adapter.emitters.validity import _asked, valid

FLAG = {
    "resourceType": "Flag", "id": "a1", "status": "active", "code": {"text": "x"},
    "category": [{"coding": [{"system": "http://loinc.org", "code": "1-8"}]}],
    "subject": {"reference": "Patient/1"}, "period": {"start": "2026-02-28", "end": "2026-03-01T10:00:00Z"},
}


def changed(path: tuple, value: object) -> dict:
    """The Flag with one value replaced."""
    out = copy.deepcopy(FLAG)
    node = out
    for step in path[:-1]:
        node = node[step]
    node[path[-1]] = value
    return out


@pytest.mark.parametrize(("path", "value"), [
    (("id",), "b2"), (("id",), "not an id"), (("id",), ""), (("id",), "x" * 65), (("status",), "inactive"),
    (("status",), 7), (("period", "start"), "2026-02-30"), (("period", "start"), "2026-02"),
    (("period", "start"), "2026-13"), (("period", "start"), "yesterday"), (("period", "end"), "2026-03-01T10:00:00"),
    (("period", "end"), "2026-03-01T25:00:00Z"), (("code",), {}), (("code",), {"mood": "x"}), (("code", "text"), ""),
    (("code", "text"), "  "), (("category",), []), (("category", 0, "coding", 0, "code"), " 1-8 "),
    (("category", 0, "coding", 0, "system"), "with a blank"), (("subject",), None), (("subject", "reference"), 1),
    (("unknown",), "x"),
])
def test_every_change_gets_the_answer_of_the_model(path, value):
    """After a valid resource was seen, each change of one value is judged as the model judges it."""
    assert valid(FLAG) is True
    assert valid(changed(path, value)) == _asked(changed(path, value))


def test_a_shared_part_is_judged_as_one_of_its_own():
    """A part that stands in many resources keeps what was found about it; one that no model takes spoils each."""
    good, bad = Part(text="x"), Part(coding="none")
    judged = [valid(FLAG | {"id": name, "code": part}) for name in ("one", "two") for part in (good, bad)]
    assert judged == [True, False, True, False]


def test_truth_is_no_number_of_a_part():
    """What stands for a part in a shape is told from a value that equals it."""
    assert valid(FLAG | {"code": Part(text="x")}) is True
    assert [valid(FLAG | {"code": value}) for value in (True, False, 1, "1")] == [False] * 4
