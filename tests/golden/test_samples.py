"""Every shipped sample becomes what its expected twin says."""

import json

import pytest

from tests.golden.twins import EXPECTED, samples, twin_of, twins


@pytest.fixture(scope="module")
def made() -> dict[str, str]:
    return {str(path): text for path, text in twins()}


@pytest.mark.parametrize("sample", samples(), ids=lambda p: f"{p.parent.name}/{p.name}")
def test_sample_becomes_its_twin(sample, made):
    """Converting the sample gives, to the letter, the twin in samples/expected (refresh: python -m tests.golden)."""
    path = twin_of(sample)
    assert json.loads(path.read_text(encoding="utf-8")) == json.loads(made[str(path)])


def test_no_twin_is_left_over():
    """Every expected twin has its sample."""
    assert set(EXPECTED.rglob("*.json")) == {twin_of(s) for s in samples()}
