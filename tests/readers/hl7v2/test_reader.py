"""HL7 v2 messages as radiology reports."""

import base64
from datetime import UTC, date, datetime, timedelta, timezone

import pytest

from fhir_adapter import readers
from fhir_adapter.errors import MessageError
from fhir_adapter.model.report import AgeUnit, Contrast, IdentifierKind, IdentifierRole, ReportStatus, Sex, Side

HEADER = r"MSH|^~\&|RIS|SITE|A|B|20260101||ORU^R01|Q1|P|{version}||||||UNICODE UTF-8"
PID = "PID|1||ZQ1^^^SITE^MR||ZZYZX^QUILLON^B||19580214|M"
OBR = "OBR|1|PL1|FL1|CTCHW^CT CHEST LEFT WITH CONTRAST^L|||20260309091000+0100|||||||||||||||20260309101400||CT|F"


@pytest.fixture
def read(settings, tables):
    """Reads a message given as segments."""

    def read(*segments: str, version: str = "2.5.1"):
        payload = "\r".join([HEADER.format(version=version), *segments]).encode()
        return readers.choose(payload).read(payload, settings=settings, tables=tables)

    return read


def obx(text: str, kind: str = "TX", code: str = "RPT^Report", number: int = 1, status: str = "F") -> str:
    """One OBX."""
    return f"OBX|{number}|{kind}|{code}||{text}||||||{status}"


@pytest.mark.parametrize("version", ["2.1", "2.2", "2.3", "2.3.1", "2.4", "2.5", "2.5.1", "2.6", "2.7", "2.7.1", "2.8",
                                     "2.8.1", "2.8.2"])
def test_every_version_is_read(read, version):
    """Messages of 2.1 to 2.8.2 give their report."""
    assert [r.origin.version for r in read(PID, OBR, obx("FINDINGS: Clear."), version=version)] == [version]


def test_what_the_metadata_say(read):
    """Patient, order, study and times come from PID, OBR and ZDS, and the zone of a time from its offset."""
    (report,) = read(PID, OBR, "ZDS|1.2.3.4.5.6^RIS^APPLICATION^DICOM", obx("Clear."))
    assert (report.patient.key, report.patient.sex, report.patient.birth_date) == ("ZQ1|SITE", Sex.MALE,
                                                                                   date(1958, 2, 14))
    assert (report.order.modality, report.order.side, report.order.contrast) == ("CT", Side.LEFT, Contrast.WITH)
    assert (report.study.uid, report.study.accession) == ("1.2.3.4.5.6", "FL1")
    assert report.service == datetime(2026, 3, 9, 9, 10, tzinfo=timezone(timedelta(hours=1)))
    assert report.issued == datetime(2026, 3, 9, 10, 14, tzinfo=UTC)
    assert AgeUnit.YEARS == "a"


@pytest.mark.parametrize(("segments", "text"), [
    ([obx(r"FINDINGS: One.\.br\IMPRESSION: Two.", "FT")], "FINDINGS: One.\nIMPRESSION: Two."),
    ([obx("FINDINGS: One", number=1), obx("goes on.", number=2), obx("IMPRESSION: Two.", number=3)],
     "FINDINGS: One\ngoes on.\nIMPRESSION: Two."),
    ([obx("FINDINGS: One.~~IMPRESSION: Two.", "ST")], "FINDINGS: One.\n\nIMPRESSION: Two."),
    ([obx("FINDINGS: One.", "RPTX", "GDT^Report")], "FINDINGS: One."),
    ([obx("FINDINGS: One.", code="R1&GDT"), obx("Two.", code="R1&IMP", number=2)], "FINDINGS: One.\nIMPRESSION:\nTwo."),
    ([obx("One is seen.", code="59776-5^Findings^LN"), obx("Two.", code="19005-8^Impression^LN", number=2)],
     "FINDINGS:\nOne is seen.\nIMPRESSION:\nTwo."),
    (["NTE|1|L|FINDINGS: One.", "NTE|2|L|IMPRESSION: Two."], "FINDINGS: One.\nIMPRESSION: Two."),
    ([obx("FINDINGS: One."), "NTE|1|L|A note on it."], "FINDINGS: One.\nA note on it."),
    ([f"OBX|1|ED|RPT^Report||^TEXT^PLAIN^Base64^{base64.b64encode(b'FINDINGS: One.').decode()}||||||F"],
     "FINDINGS: One."),
    ([obx("50.8", "NM", "S1^Score"), obx("FINDINGS: One.", number=2)], "FINDINGS: One."),
    ([obx("1.2.840.1.2.3.4", "ST", "^Series Instance UID"), obx("FINDINGS: One.", number=2)], "FINDINGS: One."),
])
def test_text_is_found_wherever_it_stands(read, segments, text):
    """Breaks, lines, repetitions, site types, suffixes, LOINC sections, notes and documents all give their text."""
    (report,) = read(PID, OBR, *segments)
    assert report.text == text


def test_every_paragraph_knows_its_source(read):
    """Each line of the text leads back to its field."""
    (report,) = read(PID, OBR, obx("FINDINGS: One."), obx("IMPRESSION: Two.", number=2))
    assert [(p.source, p.span.of(report.text)) for p in report.paragraphs] == [
        ("OBX[1]-5", "FINDINGS: One."), ("OBX[2]-5", "IMPRESSION: Two.")]


def test_each_order_group_is_a_report(read):
    """Two OBR give two reports, each with its own text and number."""
    reports = read(PID, OBR, obx("FINDINGS: One."), OBR.replace("FL1", "FL2"), obx("FINDINGS: Two."))
    assert [(r.text, r.order.filler_number) for r in reports] == [("FINDINGS: One.", "FL1"), ("FINDINGS: Two.", "FL2")]


def test_a_group_without_text_is_told_beside_its_neighbour(read):
    """A report beside an empty group is read, and the empty group is an issue of it: nothing vanishes in silence."""
    (report,) = read(PID, OBR, obx("FINDINGS: One."), OBR.replace("FL1", "FL2"))
    assert "HL7-108" in [issue.code for issue in report.issues]


@pytest.mark.parametrize(("word", "status"), [
    ("F", ReportStatus.FINAL), ("P", ReportStatus.PRELIMINARY), ("C", ReportStatus.CORRECTED),
    ("X", ReportStatus.CANCELLED), ("Final", ReportStatus.FINAL), ("Prelim", ReportStatus.PRELIMINARY),
    ("Wet Read", ReportStatus.PRELIMINARY), ("R", ReportStatus.PARTIAL),
])
def test_statuses_are_codes_or_words(read, word, status):
    """OBR-25 holds a code of table 0123 or a word that real systems send."""
    (report,) = read(PID, OBR.removesuffix("F") + word, obx("Clear."))
    assert report.status is status


def test_a_missing_status_is_taken_from_obx11(read):
    """Without OBR-25 the status of the OBX counts, and the gap is reported."""
    (report,) = read(PID, OBR.removesuffix("|F"), obx("Clear.", status="P"))
    assert (report.status, [i.code for i in report.issues]) == (ReportStatus.PRELIMINARY, ["HL7-113"])


def test_an_addendum_appends(read):
    """A final report with an addendum block is appended."""
    (report,) = read(PID, OBR, obx("One.", code="R&GDT"), obx("More.", code="R&ADN", number=2))
    assert (report.status, "ADDENDUM:" in report.text) == (ReportStatus.APPENDED, True)


def test_remarks_on_laboratory_values_are_no_report(read):
    """Long notes beside measured values do not make a radiology report."""
    with pytest.raises(MessageError) as refused:
        read(PID, "OBR|1|PL1|FL1|GLU^GLUCOSE^L", obx("5.2", "NM", "GLU^Glucose"), "NTE|1|L|" + "A remark. " * 40)
    assert refused.value.issues[0].code == "HL7-121"


def test_people_and_numbers_are_collected(read):
    """Patient, relative, clinician, accession and telephone of the message are known with their role."""
    (report,) = read(PID + "|||17 GRIMBLE LANE^^BLORPTON^OH^44999||(555)010-4477", "NK1|1|ZZYZX^WILHELMINA|SPO",
                     "PV1|1|O|||||8841^VORPAL^ESMERELDA", OBR, obx("Clear."))
    found = {(i.kind, i.role, i.value) for i in report.identifiers}
    wanted = {(IdentifierKind.NAME, IdentifierRole.RELATIVE), (IdentifierKind.NAME, IdentifierRole.CLINICIAN),
              (IdentifierKind.NAME, IdentifierRole.PATIENT), (IdentifierKind.PHONE, IdentifierRole.PATIENT)}
    assert wanted <= {(kind, role) for kind, role, _ in found}
    assert {"ZQ1", "FL1"} <= {value for _, _, value in found}
