"""MSH-18 and the bytes that follow it."""

import pytest

from fhir_adapter.errors import UnreadableMessage
from fhir_adapter.wire.charsets import decode

NAME = "MÜCKENSTÜRM"


def message(charset: str) -> str:
    """A header that names `charset`, and a name with umlauts."""
    return rf"MSH|^~\&|A|B|C|D|1||ORU^R01|1|P|2.5||||||{charset}" + f"\rPID|1||||{NAME}"


@pytest.mark.parametrize(("charset", "codec"), [
    ("UNICODE UTF-8", "utf-8"), ("8859/1", "iso8859_1"), ("8859/2", "iso8859_2"), ("8859/9", "iso8859_9"),
    ("8859/15", "iso8859_15"), ("UTF-8", "utf-8"), ("8859/1~UNICODE UTF-8", "iso8859_1"),
])
def test_named_character_sets(charset, codec):
    """The bytes are read in the character set that MSH-18 names first, without remark."""
    text, used, issues = decode(message(charset).encode(codec))
    assert (NAME in text, used, issues) == (True, codec, ())


@pytest.mark.parametrize(("charset", "code"), [("", "HL7-110"), ("ASCII", "HL7-110"), ("KLINGON", "HL7-111"),
                                               ("UNICODE UTF-16", "HL7-111")])
def test_utf8_in_spite_of_msh18(charset, code):
    """UTF-8 where MSH-18 is empty, wrong or unknown is read all the same and reported."""
    text, _, issues = decode(message(charset).encode())
    assert (NAME in text, [i.code for i in issues]) == (True, [code])


@pytest.mark.parametrize("codec", ["utf-16", "utf-16-le", "utf-16-be"])
def test_utf16_is_seen_in_the_bytes(codec):
    """UTF-16 with or without byte order mark is read whatever MSH-18 says."""
    text, _, _ = decode(message("UNICODE UTF-16").encode(codec))
    assert (text.startswith("MSH"), NAME in text) == (True, True)


def test_broken_utf8_is_refused():
    """Bytes that are no text in their character set are refused, not guessed."""
    with pytest.raises(UnreadableMessage) as refused:
        decode(message("UNICODE UTF-8").encode() + b"\xff\xfe\xfa")
    assert refused.value.issues[0].code == "HL7-109"
