"""The ER7 splitter: nothing is lost, and what was taken apart is put together the same."""

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fhir_adapter.errors import UnreadableMessage
from fhir_adapter.wire.er7 import parse

FIELD = st.text(alphabet=st.characters(exclude_categories=("Cs", "Cc"), exclude_characters="|\r\n  "), max_size=20)
NAME = st.from_regex(r"[A-Z][A-Z0-9]{2}", fullmatch=True).filter(lambda n: n != "MSH")
SEGMENT = st.builds(lambda name, fields: "|".join([name, *fields]), NAME, st.lists(FIELD, min_size=1, max_size=8))
HEADER = r"MSH|^~\&|A|B|C|D|20260101||ORU^R01|1|P|2.5"


@given(st.lists(SEGMENT, max_size=6))
def test_a_message_is_put_together_as_it_was(segments):
    """encode(parse(message)) is the message, byte for byte, for any fields."""
    raw = "\r".join([HEADER, *segments]) + "\r"
    assert parse(raw).encode() == raw.encode()


@pytest.mark.parametrize("end", ["\r", "\n", "\r\n", "\n\n", "\r\r\n"])
def test_segments_end_in_any_way(end):
    """CR, LF, CRLF and blank lines part segments."""
    names = [s.name for s in parse(end.join([HEADER, "PID|1", "OBR|1"])).segments]
    assert names == ["MSH", "PID", "OBR"]


def test_fields_count_from_one_in_msh_too():
    """MSH-1 is the separator, so MSH-9 is the type, as the standard counts."""
    header = parse(HEADER).header
    assert (header.raw(1), header.raw(2), header.value(9), header.value(9, 2)) == ("|", r"^~\&", "ORU", "R01")


def test_values_are_reached_by_position():
    """Repetition, component and subcomponent are found by their number, and beyond the end there is nothing."""
    pid = parse(HEADER + "\rPID|||A1^^^X&Y~B2^^^Z").first("PID")
    got = (pid.value(3), pid.value(3, 4), pid.value(3, 4, 1, 2), pid.value(3, 1, 2), pid.value(3, 4, 2), pid.value(99))
    assert got == ("A1", "X", "Y", "B2", "Z", "")


def test_explicit_null_is_empty():
    """HL7's `""` deletes a value; it is no text."""
    assert parse(HEADER + '\rPID|||""').first("PID").value(3) == ""


def test_a_raw_line_break_continues_the_field():
    """A line that does not begin like a segment belongs to the text before it."""
    obx = parse(HEADER + "\rOBX|1|TX|R||first line\nsecond line\nOBX-like words").first("OBX")
    assert obx.text(obx.raw(5)) == "first line\nsecond line\nOBX-like words"


@pytest.mark.parametrize(("raw", "code"), [
    ("PID|1\rMSH|^~\\&|", "HL7-101"), ("", "HL7-101"), ("MSH", "HL7-102"), ("MSH|", "HL7-102"),
    ("MSH||||||", "HL7-102"), ("MSH|^^~&|A", "HL7-102"), ("MSHAB~\\&|A", "HL7-102"), (HEADER + "\rPID|\x00", "HL7-120"),
])
def test_what_is_no_message_is_refused_by_its_rule(raw, code):
    """No MSH, clashing delimiters and null bytes are each refused under their own code."""
    with pytest.raises(UnreadableMessage) as refused:
        parse(raw)
    assert [issue.code for issue in refused.value.issues] == [code]


@given(st.text(max_size=300))
def test_any_text_is_read_or_refused(raw):
    """Whatever stands after MSH, the splitter gives a message or an UnreadableMessage, never another error."""
    with suppress(UnreadableMessage):
        assert parse("MSH" + raw).header.name == "MSH"
