"""The gold reports are what their written form says, and their annotations point at their words."""

import json

import pytest

from tests.gold.__main__ import HERE, PARTS, compiled
from tests.gold.markup import MarkupError, reports


def _records(part):
    return [json.loads(line) for line in (HERE / part / "reports.jsonl").read_text(encoding="utf-8").splitlines()]


@pytest.mark.parametrize("part", PARTS)
def test_the_lines_are_what_the_written_form_compiles_to(part):
    """reports.jsonl is up to date with reports.txt (refresh: python -m tests.gold)."""
    assert (HERE / part / "reports.jsonl").read_text(encoding="utf-8") == compiled(part)


@pytest.mark.parametrize("part", PARTS)
def test_each_annotation_stands_at_its_words(part):
    """text[start : start + len(phrase)] is the phrase, for every annotation that has one."""
    wrong = [(r["id"], kind, item["start"]) for r in _records(part) for kind, items in r["gold"].items()
             for item in items
             if item.get("phrase") and r["text"][item["start"] :][: len(item["phrase"])] != item["phrase"]]
    assert wrong == []


def test_there_are_enough_reports_and_ids_are_unique():
    """At least 150 reports, each id once over all parts."""
    ids = [r["id"] for part in PARTS for r in _records(part)]
    assert (len(ids) >= 150, len(ids)) == (True, len(set(ids)))


def test_a_small_report_compiles():
    """Nested marks become items with offsets into the plain text; a linked size stands at measurement and finding."""
    (record,) = reports('=== a | s | female 1950-01-01 2024-01-01 | local X "CT CHEST" CT chest\n---\n'
                        "{m#n|2 x 3 mm} {+nodule@lung.r#n|nodule}\n")
    (finding,), (measurement,) = record["gold"]["findings"], record["gold"]["measurements"]
    assert (finding["start"], finding["laterality"], [s["value"] for s in finding["sizes"]], measurement["of"]) == (
        9, "right", [2, 3], "nodule")


def test_an_open_brace_is_refused_by_the_name_of_its_report():
    """A MarkupError names the report."""
    with pytest.raises(MarkupError, match=r"^a: a brace is open"):
        list(reports('=== a | s | * * 2024-01-01 | local X "CT" CT chest\n---\n{+|nodule'))
