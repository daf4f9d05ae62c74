"""Bad input of every kind gets a clear refusal: code, place, rule and mend; nothing crashes, hangs or echoes."""

import base64
import json
import zlib

import pytest

from fhir_adapter import readers
from fhir_adapter.errors import MessageError

HEADER = rb"MSH|^~\&|RIS|SITE|A|B|20260101||ORU^R01|Q1|P|2.5|||||" + b"|UNICODE UTF-8\r"
PID = b"PID|1||ZQ1||ZZYZX^QUILLON\r"
OBR = b"OBR|1|P1|F1|CT^CT CHEST|||20260101|||||||||||||||||CT|F\r"
WHOLE = HEADER + PID + OBR + b"OBX|1|TX|R||FINDINGS: Clear.||||||F\r"


def pdf_bomb() -> bytes:
    """A PDF whose one page unpacks to 200 MB."""
    stream = zlib.compress(b" " * 200_000_000)
    parts = [b"<< /Type /Catalog /Pages 2 0 R >>", b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
             b"<< /Type /Page /Parent 2 0 R /Contents 4 0 R >>",
             b"<< /Filter /FlateDecode /Length %d >>\nstream\n" % len(stream) + stream + b"\nendstream"]
    out, table = b"%PDF-1.4\n", b"xref\n0 5\n0000000000 65535 f \n"
    for number, part in enumerate(parts, start=1):
        table += b"%010d 00000 n \n" % len(out)
        out += b"%d 0 obj\n" % number + part + b"\nendobj\n"
    return out + table + b"trailer << /Root 1 0 R /Size 5 >>\nstartxref\n%d\n%%%%EOF\n" % len(out)


def document(content: bytes, subtype: bytes) -> bytes:
    """A message whose report is an encapsulated document."""
    return (HEADER + PID + OBR + b"OBX|1|ED|R||^application^" + subtype + b"^Base64^" + base64.b64encode(content)
            + b"||||||F\r")


def fhir(resource: object) -> bytes:
    """A resource as JSON."""
    return json.dumps(resource).encode()


REPORT = {"resourceType": "DiagnosticReport", "status": "final", "code": {"text": "CT chest"}}
BAD = {
    "empty": (b"", "HL7-100"),
    "blank": (b" \r\n\t ", "HL7-100"),
    "no MSH": (PID + OBR, "HL7-101"),
    "truncated header": (b"MSH|", "HL7-102"),
    "truncated after PID": (HEADER + PID, "HL7-107"),
    "truncated in OBX": (HEADER + PID + OBR + b"OBX|1|TX|R", "HL7-108"),
    "wrong type ADT": (WHOLE.replace(b"ORU^R01", b"ADT^A01"), "HL7-103"),
    "wrong type SIU": (WHOLE.replace(b"ORU^R01", b"SIU^S12"), "HL7-103"),
    "wrong type ORM": (WHOLE.replace(b"ORU^R01", b"ORM^O01"), "HL7-103"),
    "acknowledgement": (WHOLE.replace(b"ORU^R01", b"ACK"), "HL7-122"),
    "wrong trigger": (WHOLE.replace(b"ORU^R01", b"ORU^R30"), "HL7-104"),
    "no PID": (HEADER + OBR + b"OBX|1|TX|R||FINDINGS: Clear.\r", "HL7-106"),
    "no text": (HEADER + PID + OBR, "HL7-108"),
    "unknown version": (WHOLE.replace(b"|2.5|", b"|9.9|"), "HL7-105"),
    "binary": (bytes(range(256)) * 40, "HL7-119"),
    "picture": (b"\x89PNG\r\n\x1a\n" + b"\x00" * 500, "HL7-119"),
    "broken UTF-8": (WHOLE.replace(b"Clear", b"Cl\xff\xfe\xfaar"), "HL7-109"),
    "null bytes": (WHOLE.replace(b"Clear", b"Cl\x00ear"), "HL7-120"),
    "XML of HL7": (b"<?xml version='1.0'?><ORU_R01 xmlns='urn:hl7-org:v2xml'/>", "HL7-119"),
    "XML of FHIR": (b"<DiagnosticReport xmlns='http://hl7.org/fhir'/>", "FHIR-214"),
    "no base64": (HEADER + PID + OBR + b"OBX|1|ED|R||^TEXT^^Base64^!!!!||||||F\r", "HL7-117"),
    "PDF bomb": (document(pdf_bomb(), b"pdf"), "DOC-700"),
    "PDF without text layer": (document(b"%PDF-1.4\n%%EOF", b"pdf"), "DOC-701"),
    "broken JSON": (b'{"resourceType": ', "FHIR-200"),
    "JSON with NaN": (b'{"resourceType": "Bundle", "total": NaN}', "FHIR-200"),
    "JSON list": (b"[]", "FHIR-201"),
    "no resourceType": (b"{}", "FHIR-201"),
    "deep JSON": (b'{"resourceType":"Bundle","a":' + b"[" * 100_000 + b"]" * 100_000 + b"}", "FHIR-210"),
    "other resource": (fhir({"resourceType": "Patient"}), "FHIR-202"),
    "empty bundle": (fhir({"resourceType": "Bundle", "type": "collection"}), "FHIR-203"),
    "report without text": (fhir(REPORT), "FHIR-204"),
    "R5": (fhir(REPORT | {"study": [], "conclusion": "Clear."}), "FHIR-205"),
    "STU3": (fhir(REPORT | {"category": {"text": "RAD"}, "conclusion": "Clear."}), "FHIR-206"),
    "DSTU2": (fhir(REPORT | {"performer": {"display": "x"}, "conclusion": "Clear."}), "FHIR-207"),
}


@pytest.mark.parametrize("name", BAD)
def test_bad_input_is_refused_by_its_rule(name, settings, tables):
    """Each kind of bad input is refused under its own code, with rule and mend, and without any of its content."""
    payload, code = BAD[name]
    with pytest.raises(MessageError) as refused:
        readers.choose(payload).read(payload, settings=settings, tables=tables)
    assert code in [issue.code for issue in refused.value.issues]
    told = str(refused.value)
    assert all(issue.rule and issue.mend for issue in refused.value.issues)
    assert [word for word in ("ZZYZX", "QUILLON", "ZQ1") if word in told] == []


def test_a_message_over_the_limit_is_refused(settings, tables):
    """A message larger than `max_message_bytes` is refused before it is split."""
    payload = WHOLE.replace(b"Clear", b"x" * settings.max_message_bytes)
    with pytest.raises(MessageError) as refused:
        readers.choose(payload).read(payload, settings=settings, tables=tables)
    assert [issue.code for issue in refused.value.issues] == ["HL7-118"]


@pytest.mark.parametrize("size", [200_000, 900_000])
def test_a_long_report_is_read_whole(size, settings, tables):
    """A report of 200 kB and more is read to its last word."""
    payload = WHOLE.replace(b"Clear.", b"Clear lungs. " * (size // 13) + b"The end.")
    (report,) = readers.choose(payload).read(payload, settings=settings, tables=tables)
    assert (report.text.endswith("The end."), len(report.text) > size - 20) == (True, True)


def test_a_text_of_ten_megabytes_is_refused(settings, tables):
    """An OBX of 10 MB is more than a report can be, and is refused under its own code."""
    payload = WHOLE.replace(b"Clear.", b"Clear lungs. " * 800_000)
    with pytest.raises(MessageError) as refused:
        readers.choose(payload).read(payload, settings=settings, tables=tables)
    assert [issue.code for issue in refused.value.issues] == ["HL7-118"]
