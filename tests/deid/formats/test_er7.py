"""ER7 back as ER7 without the person."""

import base64
import importlib
import re

import pytest
from hl7apy.parser import parse_message

from fhir_adapter import pipeline
from fhir_adapter.deid.formats import er7
from fhir_adapter.errors import EngineError, MessageError

VERSIONS = ("2_1", "2_2", "2_3", "2_3_1", "2_4", "2_5", "2_5_1", "2_6", "2_7", "2_8", "2_8_1", "2_8_2")
HEAD = "MSH|^~\\&|ZZAPP|ZZFAC|||20260102030405+0000||ORU^R01|ZZCTRL0001|P|{version}\r"
PID = "PID|1||ZZ900817^^^ZZFAC^MR||ZZYZX^QUILLON||19500314|F|||1 Zzyzx Way^^Zzville^CA^92309\r"
OBR = "OBR|1|ZZP77120|ZZF77121|71046^XR CHEST^C4|||20260101\r"
REPORT = "OBX|1|TX|RPT^Report||FINDINGS: Clear lungs, see Dr. Quil||||||F\rOBX|2|TX|RPT^Report||lon Zzyzx.||||||F\r"


def scrubbed(message, settings, tables) -> str:
    return pipeline.scrub(message.encode(), settings=settings, tables=tables).decode()


@pytest.mark.parametrize("version", VERSIONS)
def test_no_canary_comes_through_any_field(version, settings, tables):
    """A word that stands in every component and subcomponent of every field of every segment does not come out."""
    fields = importlib.import_module(f"hl7apy.v{version}.fields").FIELDS
    numbers: dict[str, int] = {}
    for name in fields:
        segment, _, number = name.rpartition("_")
        if number.isdigit() and segment not in ("MSH", "NTE", "OBX", "FHS", "BHS"):
            numbers[segment] = max(numbers.get(segment, 0), int(number))
    canary = "^".join("&".join(["Qzxcanary"] * 4) for _ in range(25))
    lines = [f"{segment}|" + "|".join([canary] * count) for segment, count in sorted(numbers.items())
             if segment not in ("PID", "OBR")]
    pid = "PID|1||ZZ900817^^^ZZFAC^MR|" + "|".join([canary] * 36)
    obr = "OBR|1|ZZP1|ZZF1|" + "|".join([canary] * 8) + "||" + "|".join([canary] * 30)
    obx = "OBX|1|TX|R^Report||Clear lungs and no effusion.||||||F"
    message = HEAD.format(version=version.replace("_", ".")) + "\r".join([pid, obr, obx, *lines, "ZPF|Qzxcanary", ""])
    assert re.findall("qzx", scrubbed(message, settings, tables).lower()) == []


def test_values_survive_and_people_do_not(settings, tables):
    """The exam, sex, state and words of the report stay; names, numbers and addresses do not."""
    out = scrubbed(HEAD.format(version="2.5.1") + PID + OBR + REPORT, settings, tables)
    assert [word for word in ("XR CHEST", "71046", "|F|", "^CA^923", "Clear lungs") if word not in out] == []
    assert re.findall(r"zzyzx|quil|zzville|900817|7712|19500314|20260101", out.lower()) == []


def test_separators_nulls_and_empty_places_stay(settings, tables):
    """`""` is still `""`, other delimiters are still the sender's, and fields stand where they stood."""
    message = (HEAD.format(version="2.5") + PID.rstrip("\r") + '|""\r' + OBR + REPORT)
    out = scrubbed(message, settings, tables)
    assert (out.count("\r"), out.split("\r")[1].split("|")[12]) == (message.count("\r"), '""')


def test_the_mode_is_written_into_the_header(settings, tables):
    """MSH-8 says that the message is pseudonymised, how, and under which key."""
    out = scrubbed(HEAD.format(version="2.5") + PID + OBR + REPORT, settings, tables)
    assert re.fullmatch(r"PSEUDED limited [0-9a-f]{8}", out.split("|")[7]) is not None


@pytest.mark.parametrize("version", ["2.3", "2.5.1", "2.7"])
def test_the_message_is_still_one_that_hl7apy_reads(version, settings, tables):
    """A scrubbed message parses with hl7apy and has the same segments."""
    message = HEAD.format(version=version) + PID + OBR + REPORT
    out = parse_message(scrubbed(message, settings, tables), find_groups=False)
    assert [s.name for s in out.children] == ["MSH", "PID", "OBR", "OBX", "OBX"]


@pytest.mark.parametrize(("value", "days", "expected"), [
    ("20260102", 7, "20260109"), ("202601021530+0100", -7, "202512261530+0100"), ("2026", 7, "2026"),
    ("202601", 21, "202602"), ("Qzx", 7, ""), ("20260231", 7, ""), ("99991231", 7, "")])
def test_dates_move_in_their_own_precision(value, days, expected):
    """A date moves by whole days and keeps time and offset; what is no date goes."""
    assert er7.moved(value, days) == expected


def test_a_leak_stops_the_message(settings, tables, monkeypatch):
    """If an identifier were left in the output, nothing is given back but OUT-520."""
    monkeypatch.setattr(er7, "_value", lambda value, action, disguise: value)
    with pytest.raises(EngineError, match="OUT-520"):
        scrubbed(HEAD.format(version="2.5") + PID + OBR + REPORT, settings, tables)


def test_other_peoples_messages_lose_their_identifiers(shared_data, settings, tables):
    """Of 450 radiology messages that no one here wrote, none keeps a patient number."""
    import json

    left = 0
    for line in (shared_data / "deid" / "oru-radiology-450.jsonl").read_text(encoding="utf-8").splitlines():
        message = json.loads(line)["message"]
        try:
            out = scrubbed(message, settings, tables)
        except MessageError:  # without a report: refused
            continue
        pid = next(s for s in message.split("\r") if s.startswith("PID")).split("|")
        left += sum(number.split("^")[0] in out for number in pid[3].split("~") if number.split("^")[0])
    assert left == 0


@pytest.mark.parametrize(("words", "kept"), [("DWI B1000", "DWI B1000"), ("CT CHEST 5MM L4-5", "CT CHEST 5MM L4-5"),
                                            ("CT QXZ1234", "CT"), ("MRI TE100 Blorpton", "MRI TE100")])
def test_a_description_keeps_what_a_scanner_is_set_to(words, kept, settings, tables):
    """Levels, sizes, b-values and echo times stay; letters that no one knows with three digits do not."""
    message = HEAD.format(version="2.5") + PID + OBR.replace("XR CHEST", words) + REPORT
    assert scrubbed(message, settings, tables).split("\r")[2].split("|")[4].split("^")[1] == kept


@pytest.mark.parametrize("value", ["00065227", "ZZ900817", "900817", "Zzyzx", "555-123-4567", "20260102",
                                   "123-45-6789"])
def test_a_number_in_a_coded_field_is_no_code(value, settings, tables):
    """Record numbers, telephone numbers and dates that a sender puts where a code belongs do not pass as codes."""
    order = OBR.replace("71046^XR CHEST^C4", f"{value}^XR {value}^{value}")
    message = HEAD.format(version="2.5") + PID + order + REPORT
    assert value not in scrubbed(message, settings, tables)


DOCUMENT = ("OBX|1|ED|RPT^Report||^{kind}^{subtype}^{encoding}^{data}||||||F\r")


@pytest.mark.parametrize(("kind", "subtype", "encoding", "content"), [
    ("TEXT", "PLAIN", "A", b"Clear lungs, QUILLON ZZYZX."),
    ("AP", "RTF", "Base64", rb"{\rtf1 Clear lungs, QUILLON ZZYZX.}"),
    ("TEXT", "HTML", "Hex", b"<p>Clear lungs, QUILLON ZZYZX.</p>")])
def test_a_document_in_an_observation_becomes_its_scrubbed_words(kind, subtype, encoding, content, settings, tables):
    """PDF, RTF, HTML or text in OBX-5 comes back as plain text without the person."""
    data = {"A": content.decode(), "Hex": content.hex(), "Base64": base64.b64encode(content).decode()}[encoding]
    data = data.replace("\\", "\\E\\") if encoding == "A" else data
    message = HEAD.format(version="2.5") + PID + OBR + DOCUMENT.format(kind=kind, subtype=subtype, encoding=encoding,
                                                                      data=data)
    told: list = []
    out = pipeline.scrub(message.encode(), settings=settings, tables=tables, tell=told.append).decode()
    assert (out.split("\r")[3].split("|")[5].strip(), told) == ("^TEXT^PLAIN^A^Clear lungs, [PATIENT].", [])


def test_a_document_that_cannot_be_read_is_left_out_and_told(settings, tables):
    """A scanned picture leaves an empty field and OUT-523 with its place."""
    message = HEAD.format(version="2.5") + PID + OBR + DOCUMENT.format(kind="IM", subtype="PNG", encoding="Base64",
                                                                      data="iVBORw0KGgpaWllaWA==")
    told: list = []
    out = pipeline.scrub(message.encode(), settings=settings, tables=tables, tell=told.append).decode()
    assert (out.split("\r")[3].split("|")[5], [(i.code, i.where) for i in told]) == ("", [("OUT-523", "OBX[1]-5")])


def test_a_batch_keeps_its_envelope_without_its_people(settings, tables):
    """FHS, BHS, BTS and FTS stay in their places; names of senders, files, comments and days do not."""
    message = HEAD.format(version="2.5") + PID + OBR + REPORT
    batch = ("FHS|^~\\&|ZZAPP|ZZFAC|||20260102||Zzyzx.hl7|Zzyzx\rBHS|^~\\&|ZZAPP|ZZFAC|||20260102||ZZYZX|Zzyzx|ZZB1\r"
             f"{message}{message}BTS|2|Zzyzx\rFTS|1|Zzyzx\r")
    out = scrubbed(batch, settings, tables)
    lines = out.split("\r")
    assert [line[:3] for line in lines if not line.startswith(("PID", "OB"))] == [
        "FHS", "BHS", "MSH", "MSH", "BTS", "FTS", ""]
    assert (re.findall("(?i)zz[a-y]|20260102", out), lines[0].split("|")[7].split()[:2], lines[-3:-1]) == (
        [], ["PSEUDED", "limited"], ["BTS|2|", "FTS|1|"])
