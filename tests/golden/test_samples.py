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


def test_there_are_enough_samples():
    """At least fifteen samples of different habits are shipped."""
    assert len(samples()) >= 15


def test_every_sample_is_described():
    """samples/README.md has a line for every sample."""
    told = (EXPECTED.parent / "README.md").read_text(encoding="utf-8")
    assert [s.name for s in samples() if f"`{s.name}`" not in told] == []


def _references(node: object) -> set[str]:
    if isinstance(node, list):
        return {found for item in node for found in _references(item)}
    if not isinstance(node, dict):
        return set()
    here = {node["reference"]} if isinstance(node.get("reference"), str) else set()
    return here | {found for value in node.values() for found in _references(value)}


@pytest.mark.parametrize("twin", sorted(EXPECTED.rglob("*.json")), ids=lambda p: p.stem)
def test_no_reference_dangles(twin):
    """Every reference in a bundle leads to a resource of the same bundle, or to a contained one."""
    for report in json.loads(twin.read_text(encoding="utf-8"))["reports"]:
        entries = report.get("bundle", {}).get("entry", [])
        here = {f"{e['resource']['resourceType']}/{e['resource']['id']}" for e in entries}
        here |= {f"#{c['id']}" for e in entries for c in e["resource"].get("contained", ())}
        assert _references(entries) - here == set()
