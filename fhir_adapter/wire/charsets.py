"""
Bytes to text by MSH-18 (HL7 table 0211).

An empty MSH-18 means ASCII; most senders then send UTF-8 all the same, so UTF-8 is read and reported.
"""

from fhir_adapter.errors import UnreadableMessage
from fhir_adapter.issues import Issue

_CODECS = {
    "": "utf-8", "ASCII": "ascii", "UNICODE": "utf-8", "UNICODE UTF-8": "utf-8", "UTF-8": "utf-8", "UTF8": "utf-8",
    "UNICODE UTF-16": "utf-16", "UNICODE UTF-32": "utf-32", "ISO IR6": "ascii", "ISO IR14": "iso2022_jp",
    "ISO IR87": "iso2022_jp", "ISO IR100": "iso8859_1", "ISO IR192": "utf-8", "GB 18030-2000": "gb18030",
    "BIG-5": "big5", "KS X 1001": "euc_kr", "WINDOWS-1252": "cp1252",
    **{f"8859/{n}": f"iso8859_{n}" for n in (*range(1, 12), *range(13, 16))},
    **{f"ISO-8859-{n}": f"iso8859_{n}" for n in (*range(1, 12), *range(13, 16))},
}


def decode(payload: bytes) -> tuple[str, str, tuple[Issue, ...]]:
    """The text of one message, the Python codec that read it, and what was odd.

    UTF-16 is known by its byte order mark or its null bytes. Bytes that are not text in the character set named are an
    UnreadableMessage (HL7-109).
    """
    wide = _wide(payload)
    if wide:
        return _decoded(payload, wide).removeprefix("\ufeff"), wide, ()
    named = _msh18(payload)
    codec = _CODECS.get(named.upper())
    issues: tuple[Issue, ...] = ()
    if codec is None or codec in ("utf-16", "utf-32"):
        # UTF-16 named, but sent in single bytes: the name is wrong, the bytes are what counts.
        issues, codec = (Issue.at("HL7-111", "MSH-18"),), "utf-8"
    if codec == "ascii" and not payload.isascii():
        issues, codec = (Issue.at("HL7-110", "MSH-18"),), "utf-8"
    elif not named and not payload.isascii():
        issues = (Issue.at("HL7-110", "MSH-18"),)
    return _decoded(payload, codec), codec, issues


def _wide(payload: bytes) -> str:
    if payload.startswith((b"\xff\xfe", b"\xfe\xff")):
        return "utf-16"
    place = payload[:12].find(b"M\x00S\x00H")
    if place < 0:
        return ""
    return "utf-16-be" if place % 2 else "utf-16-le"


def _decoded(payload: bytes, codec: str) -> str:
    try:
        return payload.decode(codec)
    except UnicodeDecodeError:
        raise UnreadableMessage(Issue.at("HL7-109", "MSH-18")) from None


def _msh18(payload: bytes) -> str:
    header = payload[:4096].replace(b"\n", b"\r").split(b"\r", 1)[0]
    if len(header) < 5:
        return ""
    fields = header.split(header[3:4])
    if len(fields) <= 17:
        return ""
    repetition = header[5:6] if len(fields[1]) > 1 else b"~"
    return fields[17].split(repetition)[0].decode("ascii", "replace").strip()
