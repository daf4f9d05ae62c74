"""Gold files: what is wrong is told by file, place, rule and mend, and never by what stands there."""

import json
import re
from decimal import Decimal

import pytest

from fhir_adapter.evaluation.files import File, check, reports
from tests.conftest import ROOT
from tests.evaluation.records import finding, lines, record

TEXT = "FINDINGS: A nodule of ZZYZX."
GOOD = record("a", TEXT, findings=[finding(TEXT, "nodule")])
PHI = {"id": "a", "text": TEXT, "phi": [{"start": 22, "end": 27, "text": "ZZYZX", "type": "patient_name"}]}


def told(content, form="gold", name="gold.jsonl"):
    """Code and place of everything that is wrong with one file."""
    return [(issue.code, issue.where) for _, issue in check([File(name=name, content=content)], form).faults]


def changed(**changes):
    """The good record with its first finding changed."""
    return lines(GOOD | {"gold": {"findings": [finding(TEXT, "nodule") | changes]}})


@pytest.mark.parametrize(("content", "expected"), [
    (b"", [("EVAL-800", "")]),
    (b"\n \n", [("EVAL-800", "")]),
    (b"[]", [("EVAL-800", "")]),
    (b"ZZYZX\n", [("EVAL-801", "line 1, column 1")]),
    (lines(GOOD) + b'{"id": ZZYZX}\n', [("EVAL-801", "line 2, column 8")]),
    (lines(GOOD) + b"\xff\n", [("EVAL-801", "line 2")]),
    (b'"ZZYZX"', [("EVAL-801", "line 1")]),
    (b'[{"id": 1}, 7]', [("EVAL-802", "item 1, the record: has text, gold"), ("EVAL-802", "item 1, id: is string"),
                         ("EVAL-801", "item 2")]),
    (b"[" * 100_000, [("EVAL-801", "line 1")]),
    (b'{"id": NaN}', [("EVAL-801", "line 1")]),
    (lines(GOOD | {"text": "\ud800"}), [("EVAL-801", "line 1")]),
    (lines(GOOD | {"serviceDate": "ZZYZX"}), [("EVAL-802", "line 1, serviceDate: format date")]),
    (lines(GOOD | {"gold": {}}), [("EVAL-802", "line 1, gold: minProperties 1")]),
    (changed(assertion="ZZYZX"), [("EVAL-802", "line 1, gold.findings[0].assertion: is one of present, absent, "
                                   "possible, historical, hypothetical, family")]),
    (changed(start=11), [("EVAL-803", "line 1, gold.findings[0]")]),
    (changed(start=10**20), [("EVAL-803", "line 1, gold.findings[0]")]),
    (lines(record(lateralityDiscrepancy=[{"type": "textLateralityMissing", "phrase": None, "start": 0}])), []),
    (lines(record(lateralityDiscrepancy=[{"type": "textLateralityMissing", "phrase": "x"}])),
     [("EVAL-803", "line 1, gold.lateralityDiscrepancy[0]")]),
    (changed(phrase="ZZYZX"), [("EVAL-803", "line 1, gold.findings[0]")]),
    (lines(GOOD, GOOD), [("EVAL-804", "line 2, id")]),
    (lines(PHI), [("EVAL-805", "line 1")]),
    (lines(GOOD, PHI), [("EVAL-805", "line 2")]),
    (lines(GOOD | {"serviceDate": "1959-01-01"}), [("EVAL-806", "line 1, patient.birthDate")]),
])
def test_what_is_wrong_is_told_by_place_and_rule(content, expected):
    """Every fault has its code and place; no value of the file stands in it."""
    assert (told(content), "ZZYZX" in str(told(content))) == (expected, False)


@pytest.mark.parametrize(("content", "expected"), [
    (lines(GOOD), [("EVAL-805", "line 1")]),
    (lines(PHI | {"phi": [{"start": 22, "end": 99, "type": "mrn"}]}), [("EVAL-803", "line 1, phi[0]")]),
    (lines(PHI | {"phi": [{"start": 5, "end": 5, "type": "mrn"}]}), [("EVAL-803", "line 1, phi[0]")]),
    (lines(PHI | {"phi": [{"start": 0, "end": 5, "text": "ZZYZX", "type": "mrn"}]}), [("EVAL-803", "line 1, phi[0]")]),
    (lines(PHI), []),
])
def test_annotations_for_deidentification_are_checked_too(content, expected):
    """Offsets must lie in the text, and at the words that a line names."""
    assert told(content, "deid_gold") == expected


def test_an_id_is_unique_over_all_files():
    """The same id in a second file is told there."""
    found = check([File(name=n, content=lines(GOOD)) for n in ("one.jsonl", "two.jsonl")], "gold")
    assert [(name, issue.code) for name, issue in found.faults] == [("two.jsonl", "EVAL-804")]


@pytest.mark.parametrize("content", [
    lines(GOOD), lines(GOOD).replace(b"\n", b"\r\n"), b"\xef\xbb\xbf" + lines(GOOD), b"\n\n" + lines(GOOD),
    json.dumps([GOOD], indent=1).encode(), json.dumps(GOOD, indent=1).encode()])
def test_lines_arrays_and_single_objects_are_taken(content):
    """JSON Lines with either line end or a byte order mark, an array, one object."""
    found = check([File(name="x.json", content=content)], "gold")
    assert (found.faults, [r["id"] for r in found.records]) == ((), ["a"])


def test_a_broken_json_document_has_one_fault():
    """A .json file over many lines is one document: it breaks at one place."""
    assert told(json.dumps(GOOD, indent=1).encode()[:-20], name="x.json")[0][0] == "EVAL-801"
    assert len(told(json.dumps([GOOD], indent=1).encode()[:-20], name="x.json")) == 1


def test_offsets_count_code_points():
    """A character outside the basic plane counts one."""
    text = "\U0001f9b4 A nodule."
    one = record("a", text, findings=[finding(text, "nodule")])
    assert (one["gold"]["findings"][0]["start"], told(lines(one))) == (4, [])


def test_numbers_are_exact():
    """0.1 stays 0.1."""
    one = record("a", "0.1 cm", measurements=[{"phrase": "0.1 cm", "start": 0, "values": [0.1], "unit": "cm"}])
    (read,) = check([File(name="x", content=lines(one))], "gold").records
    assert read["gold"]["measurements"][0]["values"] == [Decimal("0.1")]


def test_absent_metadata_are_allowed():
    """id, text and gold are enough."""
    content = lines({"id": "a", "text": "x", "gold": {"scores": []}})
    (read,) = reports(check([File(name="x", content=content)], "gold").records)
    assert (read.report.patient.birth_date, read.report.order.code, read.groups["age"]) == (None, None, "not said")


def test_the_digest_changes_with_the_annotations():
    """Two runs are compared over reports whose text and annotations are the same."""
    one, same, other = reports([GOOD, dict(GOOD), GOOD | {"gold": {"findings": []}}])
    assert (one.digest == same.digest, one.digest == other.digest) == (True, False)


def test_the_examples_of_the_format_page_conform():
    """Both examples of docs/reference/gold-format.md keep to the schemas."""
    page = (ROOT / "docs" / "reference" / "gold-format.md").read_text(encoding="utf-8")
    gold, deid = re.findall(r"```json\n(.*?)```", page, re.DOTALL)
    assert (told(gold.encode()), told(deid.encode(), "deid_gold")) == ([], [])


@pytest.mark.parametrize(("name", "form"), [("gold", "gold"), ("deid", "deid_gold")])
def test_the_shipped_samples_conform(name, form):
    """samples/evaluation is in the format."""
    assert told((ROOT / "samples" / "evaluation" / f"{name}.jsonl").read_bytes(), form) == []


def test_our_own_gold_conforms():
    """Every part of the project's gold keeps to the published schema."""
    from tests.gold.__main__ import PARTS, compiled

    assert {part: told(compiled(part).encode()) for part in PARTS} == {part: [] for part in PARTS}
