"""The kept answer is the model's answer."""

import copy

import pytest

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
