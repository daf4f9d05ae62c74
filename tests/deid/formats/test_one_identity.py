"""One patient is one patient in HL7, FHIR, DICOM and text, and another one for another project."""

import json
from datetime import date

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as tests
from hypothesis import strategies as st

from fhir_adapter import pipeline
from fhir_adapter import settings as settings_module
from fhir_adapter.deid.keys import keys_of
from tests.deid.formats.test_dicom import header, scrubbed
from tests.deid.formats.test_er7 import HEAD

DAYS = st.dates(date(1990, 1, 1), date(2030, 1, 1))


@tests(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.integers(10_000, 99_999_999), DAYS)
def test_a_day_moves_alike_in_all_formats(settings, tables, number, day):
    """A day of one patient is one day in all four formats afterwards, whole weeks from where it was."""
    er7 = (HEAD.format(version="2.5") + f"PID|1||{number}^^^ZZFAC^MR||ZZYZX^QUILLON\rOBR|1|||CT|||{day:%Y%m%d}\r")
    fhir = {"resourceType": "Bundle", "type": "collection", "entry": [
        {"resource": {"resourceType": "Patient", "id": "p", "identifier": [{"value": f"{number}"}]}},
        {"resource": {"resourceType": "DiagnosticReport", "status": "final", "subject": {"reference": "Patient/p"},
                      "code": {"text": "CT"}, "effectiveDateTime": f"{day}"}}]}
    dicom = header()
    dicom.PatientID, dicom.StudyDate = str(number), f"{day:%Y%m%d}"
    one = pipeline.scrub(er7.encode(), settings=settings, tables=tables).decode().split("\r")[2].split("|")[7]
    two = json.loads(pipeline.scrub(json.dumps(fhir).encode(), settings=settings, tables=tables))
    three = scrubbed(dicom, settings, tables).StudyDate
    four = pipeline.scrub_words(f"Seen {day:%m/%d/%Y}.".encode(), patient=str(number), settings=settings, tables=tables)
    found = {one, two["entry"][1]["resource"]["effectiveDateTime"].replace("-", ""), three,
             "".join(four.decode()[5:15].split("/")[i] for i in (2, 0, 1))}
    moved = date.fromisoformat(next(iter(found)))
    assert (len(found), (moved - day).days % 7, moved == day) == (1, 0, False)


@pytest.mark.parametrize("options", [{"project": "zz"}, {"key_epoch": 2}, {"key": "6b" * 32}])
def test_another_project_epoch_or_key_shares_no_pseudonym(settings, options):
    """Nothing links two projects, two epochs or two keys: pseudonyms, UIDs and the key's name all differ."""
    one = keys_of(settings)
    two = keys_of(settings_module.load(**({"data_dir": settings.data_dir, "key": "5a" * 32} | options)))
    shared = {one.pseudonym("patient", "ZZ1"), one.uid("1.2"), one.name} & {
        two.pseudonym("patient", "ZZ1"), two.uid("1.2"), two.name}
    assert shared == set()
