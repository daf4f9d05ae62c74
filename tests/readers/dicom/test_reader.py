"""DICOM read: who a header names, what a structured report says."""

import pytest
from pydicom import Dataset
from pydicom.sr.codedict import codes

from fhir_adapter import readers
from fhir_adapter.errors import UnreadableMessage, UnsupportedMessage
from tests.deid.formats.test_dicom import header, written


def sr() -> bytes:
    dataset = header()
    dataset.Modality, dataset.CompletionFlag, dataset.VerificationFlag = "SR", "COMPLETE", "VERIFIED"
    item, concept = Dataset(), Dataset()
    code = codes.DCM.Finding
    concept.CodeValue, concept.CodingSchemeDesignator, concept.CodeMeaning = code.value, "DCM", "Findings"
    item.ValueType, item.TextValue, item.ConceptNameCodeSequence = "TEXT", "Clear lungs.\nNo effusion.", [concept]
    dataset.ContentSequence = [item]
    return written(dataset)


def test_a_structured_report_is_a_report(settings, tables):
    """Text items are lines of the report, headed by their concept; verified and complete is final."""
    reader = readers.choose(sr())
    (report,) = reader.read(sr(), settings=settings, tables=tables)
    assert (reader.name, report.text, report.status) == ("dicom", "Findings: Clear lungs.\nNo effusion.", "final")


def test_an_image_is_no_report(settings, tables):
    """A header without report text is refused by code."""
    payload = written(header())
    with pytest.raises(UnsupportedMessage, match="DCM-302"):
        readers.choose(payload).read(payload, settings=settings, tables=tables)


def test_damaged_files_are_refused(settings, tables):
    """A file that is cut off in its header is refused and nothing of it is quoted."""
    payload = b"\x00" * 128 + b"DICM" + b"\xff\xff\xff\xffZZYZX"
    with pytest.raises(UnreadableMessage) as caught:
        readers.choose(payload).named(payload, settings=settings, tables=tables)
    assert "ZZYZX" not in str(caught.value)
