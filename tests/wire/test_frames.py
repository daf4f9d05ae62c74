"""What stands around messages: framing bytes, byte order marks, batches."""

from fhir_adapter.wire.frames import strip, unbatch

ONE = rb"MSH|^~\&|A" + b"\rPID|1"


def test_framing_and_marks_are_taken_off():
    """MLLP bytes, blanks, line ends and a UTF-8 mark around a message go."""
    assert strip(b"\x0b\xef\xbb\xbf  " + ONE + b"\r\x1c\r\n") == ONE


def test_a_batch_is_its_messages():
    """FHS, BHS, BTS and FTS are dropped; each message between them stands alone."""
    batch = b"FHS|^~\\&\rBHS|^~\\&\r" + ONE + b"\r" + ONE + b"\rBTS|2\rFTS|1\r"
    assert [m.strip() for m in unbatch(batch)] == [ONE, ONE]


def test_several_messages_without_envelope_are_parted():
    """A file of messages one after the other is as many messages, also with framing bytes between them."""
    assert [m.strip(b"\x0b\x1c\r\n") for m in unbatch(b"\x0b" + ONE + b"\x1c\r\x0b" + ONE + b"\x1c\r")] == [ONE, ONE]


def test_anything_else_is_itself():
    """What is no HL7 v2 is handed on as it is."""
    assert unbatch(b'{"resourceType": "Bundle"}') == (b'{"resourceType": "Bundle"}',)
