"""DICOM back as DICOM without the person (PS3.15 Annex E)."""

import io

import pytest
from pydicom import Dataset, dcmread
from pydicom.datadict import DicomDictionary, keyword_for_tag
from pydicom.uid import (
    DeflatedExplicitVRLittleEndian,
    ExplicitVRBigEndian,
    ExplicitVRLittleEndian,
    ImplicitVRLittleEndian,
    JPEGBaseline8Bit,
    SecondaryCaptureImageStorage,
)

from fhir_adapter import pipeline
from fhir_adapter.deid.keys import keys_of
from fhir_adapter.errors import MessageError, UnsupportedMessage

TEXT = ("LO", "SH", "LT", "ST", "UT", "UC", "UR", "PN", "AE", "CS")


def header() -> Dataset:
    dataset = Dataset()
    dataset.SOPClassUID, dataset.SOPInstanceUID = SecondaryCaptureImageStorage, "1.2.3.4.5.6"
    dataset.StudyInstanceUID, dataset.SeriesInstanceUID = "1.2.3.4.5", "1.2.3.4.5.7"
    dataset.PatientName, dataset.PatientID, dataset.PatientSex = "Zzyzx^Quillon", "ZZ900817", "F"
    dataset.PatientBirthDate, dataset.PatientAge, dataset.StudyDate = "19500314", "076Y", "20260102"
    dataset.AccessionNumber, dataset.StudyDescription, dataset.Modality = "ZZF77121", "CT CHEST Zzyzx", "CT"
    return dataset


def written(dataset: Dataset) -> bytes:
    out = io.BytesIO()
    dataset.ensure_file_meta()
    dataset.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    dataset.save_as(out, enforce_file_format=True)
    return out.getvalue()


def scrubbed(dataset: Dataset, settings, tables) -> Dataset:
    return dcmread(io.BytesIO(pipeline.scrub(written(dataset), settings=settings, tables=tables)))


def test_no_canary_comes_through_any_attribute(settings, tables):
    """A word in every text attribute of the dictionary, on top, nested and in private elements, does not come out."""
    inner, outer = Dataset(), header()
    for dataset in (inner, outer):
        for tag, (vr, *_rest) in DicomDictionary.items():
            if vr in TEXT and tag >> 16 > 8 - 1 and keyword_for_tag(tag) and keyword_for_tag(tag) not in (
                    "SpecificCharacterSet", "BurnedInAnnotation", "TextValue", "PatientName", "PatientID"):
                dataset.add_new(tag, vr, "QZXCANARY")
        dataset.private_block(0x0099, "QZXCANARY", create=True).add_new(1, "LO", "QZXCANARY")
    outer.RequestAttributesSequence = [inner]
    outer.AnatomicRegionSequence = [inner]
    outer.PatientID = "ZZ900817"
    payload = pipeline.scrub(written(outer), settings=settings, tables=tables)
    assert payload.lower().count(b"qzxcanary") == 0


def test_what_a_reader_needs_survives(settings, tables):
    """Sex, age, modality and the known words of the description stay; dates move by the patient's days."""
    from datetime import date, timedelta

    out = scrubbed(header(), settings, tables)
    moved = date(2026, 1, 2) + timedelta(days=keys_of(settings).shift("ZZ900817"))
    assert (out.PatientSex, out.PatientAge, out.Modality, out.StudyDescription, out.StudyDate) == (
        "F", "076Y", "CT", "CT CHEST", f"{moved:%Y%m%d}")


def test_the_output_says_what_was_done(settings, tables):
    """(0012,0062), (0012,0063), (0012,0064) and (0028,0303) are written."""
    out = scrubbed(header(), settings, tables)
    assert (out.PatientIdentityRemoved, [c.CodeValue for c in out.DeidentificationMethodCodeSequence],
            out.LongitudinalTemporalInformationModified) == (
        "YES", ["113100", "113104", "113105", "113107", "113108"], "MODIFIED")


def test_pseudonyms_are_those_of_hl7(settings, tables):
    """Accession and UIDs get the pseudonyms that HL7 and FHIR give them, and fit SH."""
    out, keys = scrubbed(header(), settings, tables), keys_of(settings)
    assert (out.AccessionNumber, out.StudyInstanceUID) == (keys.pseudonym("request", "ZZF77121"), keys.uid("1.2.3.4.5"))


def test_burned_in_names_are_refused(settings, tables):
    """A picture that says it bears names is not given back."""
    dataset = header()
    dataset.BurnedInAnnotation = "YES"
    with pytest.raises(UnsupportedMessage, match="DCM-301"):
        scrubbed(dataset, settings, tables)


@pytest.mark.parametrize(("modality", "flag", "refused"), [("US", None, True), ("US", "NO", False), ("CT", None, False),
                                                           ("CT", "YES", True)])
def test_a_picture_of_a_kind_that_shows_names_must_say_that_it_does_not(modality, flag, refused, settings, tables):
    """Ultrasound and captures without (0028,0301) NO are refused; other pictures only where they say YES."""
    dataset = header()
    dataset.SOPClassUID, dataset.Modality, dataset.PixelData = "1.2.840.10008.5.1.4.1.1.2", modality, bytes(2)
    dataset.Rows = dataset.Columns = 1
    dataset.BitsAllocated, dataset.SamplesPerPixel = 16, 1
    dataset["PixelData"].VR = "OW"
    if flag:
        dataset.BurnedInAnnotation = flag
    try:
        scrubbed(dataset, settings, tables)
    except UnsupportedMessage:
        assert refused
    else:
        assert not refused


def test_what_the_oracle_removes_is_gone(settings, tables):
    """Every attribute that dicom-anonymizer's table of 2026c removes without choice is gone or changed here too."""
    fields = pytest.importorskip("dicomanonymizer.dicom_anonymization_databases.dicomfields_2026c")
    dataset = header()
    tags = [t for t in fields.X_TAGS if len(t) == 2 and DicomDictionary.get(t[0] << 16 | t[1], ("",))[0] in TEXT[:-1]]
    for group, element in tags:
        dataset.add_new((group, element), DicomDictionary[group << 16 | element][0], "QZXCANARY")
    out = scrubbed(dataset, settings, tables)
    assert [t for t in tags if t in out and "QZX" in str(out[t].value)] == []


def test_other_peoples_headers_lose_their_identifiers(shared_data, settings, tables):
    """Files that no one here wrote come back without name and number, or are refused."""
    left = []
    for path in sorted((shared_data / "deid").glob("*.dcm")):
        before = dcmread(path)
        try:
            out = pipeline.scrub(path.read_bytes(), settings=settings, tables=tables)
        except MessageError:
            continue
        left += [path.name for word in (str(before.PatientID), str(before.PatientName.family_name))
                 if len(word) > 4 and word.encode() in out]
    assert left == []


@pytest.mark.parametrize(("charset", "syntax"), [
    ("ISO_IR 100", ExplicitVRLittleEndian), ("ISO_IR 192", ExplicitVRLittleEndian),
    ("ISO_IR 192", ImplicitVRLittleEndian)])
def test_names_in_any_character_set_and_syntax_go(charset, syntax, settings, tables):
    """Accented names, several values in an element and files without VRs are cleaned alike, and still read."""
    dataset = header()
    dataset.SpecificCharacterSet, dataset.PatientName = charset, "Zz\u00fczyx^Qu\u00efllon"
    dataset.SeriesDescription = "AXIAL Zz\u00fczyx"
    dataset.OtherPatientNames = ["Zz\u00fczyx^A", "Blorpton^B"]
    dataset.ImageType = ["ORIGINAL", "PRIMARY", "AXIAL"]
    dataset.ReferringPhysicianName = ""
    out = io.BytesIO()
    dataset.ensure_file_meta()
    dataset.file_meta.TransferSyntaxUID = syntax
    dataset.save_as(out, enforce_file_format=True)
    safe = pipeline.scrub(out.getvalue(), settings=settings, tables=tables)
    made = dcmread(io.BytesIO(safe))
    assert (made.SeriesDescription, list(made.ImageType), made.StudyDescription, made.PatientSex) == (
        "AXIAL", ["ORIGINAL", "PRIMARY", "AXIAL"], "CT CHEST", "F")
    assert [word for word in ("Zz\u00fczyx", "Blorpton", "illon") if word.encode("latin-1") in safe
            or word.encode() in safe] == []


def _file(dataset: Dataset, syntax: str) -> bytes:
    out = io.BytesIO()
    dataset.ensure_file_meta()
    dataset.file_meta.TransferSyntaxUID = syntax
    dataset.save_as(out, enforce_file_format=True)
    return out.getvalue()


@pytest.mark.parametrize("syntax", [ImplicitVRLittleEndian, ExplicitVRLittleEndian, ExplicitVRBigEndian,
                                    DeflatedExplicitVRLittleEndian])
@pytest.mark.parametrize("mode", ["limited", "trusted"])
def test_numbers_sequences_and_pictures_are_the_same_in_every_syntax(syntax, mode, settings, tables):
    """What no rule changes comes back as it came, byte for byte, whatever the transfer syntax."""
    dataset, part = header(), Dataset()
    dataset.SOPClassUID, dataset.BurnedInAnnotation = "1.2.840.10008.5.1.4.1.1.2", "NO"
    dataset.SliceThickness, dataset.Rows, dataset.WindowCenter = "2.5", 4, ["40", "400"]
    part.CodeValue, part.CodingSchemeDesignator, part.CodeMeaning = "39607008", "SCT", "Lung"
    dataset.AnatomicRegionSequence = [part, part]
    dataset.BitsAllocated, dataset.PixelData = 8, bytes(range(16))
    dataset["PixelData"].VR = "OB"
    safe = pipeline.scrub(_file(dataset, syntax), settings=settings.model_copy(update={"mode": mode}), tables=tables)
    out = dcmread(io.BytesIO(safe))
    assert (out.SliceThickness, out.Rows, list(out.WindowCenter), out.PixelData, len(out.AnatomicRegionSequence),
            out.AnatomicRegionSequence[1].CodeValue, out.file_meta.TransferSyntaxUID) == (
        2.5, 4, [40, 400], bytes(range(16)), 2, "39607008", syntax)


def test_compressed_pictures_stay_what_they_are(settings, tables):
    """Fragments of a compressed picture (PS3.5 A.4) are copied, and their end is marked."""
    from pydicom.encaps import encapsulate

    dataset = header()
    dataset.SOPClassUID, dataset.PixelData = "1.2.840.10008.5.1.4.1.1.2", encapsulate([b"\xff\xd8QUILL\xff\xd9"])
    dataset["PixelData"].VR, dataset["PixelData"].is_undefined_length = "OB", True
    safe = pipeline.scrub(_file(dataset, JPEGBaseline8Bit), settings=settings, tables=tables)
    assert dcmread(io.BytesIO(safe)).PixelData == dataset.PixelData


def test_trusted_keeps_every_element(settings, tables):
    """In mode trusted names, private elements and accents stay, and the file says that it names a person."""
    dataset = header()
    dataset.SpecificCharacterSet, dataset.PatientName = "ISO_IR 192", "Zz\u00fczyx^Quillon"
    dataset.private_block(0x0099, "WUGWUG", create=True).add_new(1, "LO", "kept")
    out = dcmread(io.BytesIO(pipeline.scrub(
        written(dataset), settings=settings.model_copy(update={"mode": "trusted"}), tables=tables)))
    assert (out.PatientName, out[0x0099, 0x1001].value, out.PatientIdentityRemoved, out.DeidentificationMethod) == (
        "Zz\u00fczyx^Quillon", "kept", "NO", f"TRUSTED trusted {keys_of(settings).name}")


def test_words_in_the_place_of_a_time_go(settings, tables):
    """A time that is none is no time: nothing is taken for harmless by its VR alone."""
    dataset = header()
    dataset.add_new(0x00080030, "TM", "QZXCANARY")
    dataset.StudyDate = "20260102"
    assert b"QZXCANARY" not in pipeline.scrub(written(dataset), settings=settings, tables=tables)


def test_a_character_set_stays(settings, tables):
    """Every defined term of (0008,0005) stays, since without it the words that stay cannot be read."""
    dataset = header()
    dataset.SpecificCharacterSet = "GB18030"
    assert scrubbed(dataset, settings, tables).SpecificCharacterSet == "GB18030"


def test_elements_of_unknown_vr_are_known_by_their_tag(settings, tables):
    """What another program wrote as UN (PS3.5 6.2.2) is cleaned as what its tag says, and not lost."""
    dataset = header()
    dataset.add_new(0x00100010, "UN", b"Zzyzx^Quillon ")
    dataset.add_new(0x00200013, "UN", b"7 ")
    out = dcmread(io.BytesIO(pipeline.scrub(written(dataset), settings=settings, tables=tables)))
    assert (out.PatientName, out.InstanceNumber) == (keys_of(settings).pseudonym("patient", "Zzyzx^Quillon"), 7)
