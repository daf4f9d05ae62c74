"""NDJSON back as NDJSON: a bulk export without its people."""

import json

import pytest

from fhir_adapter import pipeline
from fhir_adapter.errors import MessageError
from fhir_adapter.readers import lines

PATIENT = {"resourceType": "Patient", "id": "p1", "identifier": [{"value": "ZZ900817"}],
           "name": [{"family": "Zzyzx", "given": ["Quillon"]}], "birthDate": "1950-03-14"}
REPORT = {"resourceType": "DiagnosticReport", "id": "r1", "status": "final", "subject": {"reference": "Patient/p1"},
          "effectiveDateTime": "2026-01-02", "conclusion": "Quillon Zzyzx was seen on 1/2/2026. No nodule."}
LINES = b"".join(json.dumps(resource).encode() + b"\n" for resource in (PATIENT, REPORT))


def scrubbed(payload, settings, tables):
    return [json.loads(line) for line in pipeline.scrub(payload, settings=settings, tables=tables).splitlines()]


def test_each_line_stays_a_line_without_its_people(settings, tables):
    """One resource a line comes back for each, and what the patient's line names is gone from the report's line."""
    made = scrubbed(LINES, settings, tables)
    assert ([r["resourceType"] for r in made[:2]], [w for w in ("Zzyzx", "Quillon") if w in json.dumps(made)]) == (
        ["Patient", "DiagnosticReport"], [])


def test_a_patient_is_one_over_all_lines(settings, tables):
    """The report's line moves by the days of the patient's line, as in a Bundle of both."""
    bundle = {"resourceType": "Bundle", "type": "collection", "entry": [{"resource": PATIENT}, {"resource": REPORT}]}
    whole = json.loads(pipeline.scrub(json.dumps(bundle).encode(), settings=settings, tables=tables))
    assert scrubbed(LINES, settings, tables) == [entry["resource"] for entry in whole["entry"]]


def test_bundles_stay_messages_of_their_own(settings, tables):
    """A Bundle a line comes back as a Bundle a line."""
    bundle = {"resourceType": "Bundle", "type": "collection", "entry": [{"resource": PATIENT}, {"resource": REPORT}]}
    made = scrubbed(json.dumps(bundle).encode() + b"\n" + json.dumps(bundle).encode(), settings, tables)
    assert [one["resourceType"] for one in made] == ["Bundle", "Bundle"]


def test_a_broken_line_stops_the_file(settings, tables):
    """A line that is no JSON is told, and nothing of the file is given back."""
    with pytest.raises(MessageError, match="FHIR-200"):
        pipeline.scrub(LINES + b'{"resourceType": \n', settings=settings, tables=tables)


def test_a_patient_is_one_over_the_files_of_an_export(settings, tables):
    """A report's file moves by the days, and is rid of the names, of the patient whom another file describes."""
    whole, people = scrubbed(LINES, settings, tables), lines.people(json.dumps(PATIENT).encode())
    alone = pipeline.scrub(json.dumps(REPORT).encode(), settings=settings, tables=tables, people=people)
    assert json.loads(alone.splitlines()[0]) == whole[1]


def test_who_stands_in_another_file_is_not_written_again(settings, tables):
    """The people of other files come back in their own files alone."""
    people = lines.people(json.dumps(PATIENT).encode())
    made = pipeline.scrub(json.dumps(REPORT).encode(), settings=settings, tables=tables, people=people)
    assert [json.loads(line)["resourceType"] for line in made.splitlines() if b"Provenance" not in line] == [
        "DiagnosticReport"]
