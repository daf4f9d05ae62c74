"""
What stands around a message: MLLP framing bytes, blanks, batch and file envelopes.

HL7 v2 chapter 2.10.3 (batch protocol: FHS BHS … BTS FTS) and the Minimal Lower Layer Protocol (0B … 1C 0D).
"""

import re

_AROUND = b"\x0b\x1c\x0d\x0a\x20\x09"
_ENVELOPE = (b"FHS", b"BHS", b"BTS", b"FTS")
_UTF16 = (b"\xff\xfe", b"\xfe\xff")


def strip(payload: bytes) -> bytes:
    """The message without framing bytes, blanks and a UTF-8 byte order mark around it; UTF-16 is left as it is."""
    if payload.startswith(_UTF16) or b"M\x00S\x00H\x00" in payload[:12] or b"\x00M\x00S\x00H" in payload[:12]:
        return payload
    return payload.strip(_AROUND).removeprefix(b"\xef\xbb\xbf").strip(_AROUND)


def unbatch(payload: bytes) -> tuple[bytes, ...]:
    """The messages of a batch or of a file that holds several; one message, or anything else, is itself.

    Envelope segments are dropped: they carry routing, not reports.
    """
    messages = tuple(piece for piece in pieces(payload) if not is_envelope(piece))
    return messages or (payload,)


def pieces(payload: bytes) -> tuple[bytes, ...]:
    """The messages of a batch and, in their places, the segments of its envelope; anything else is itself."""
    inner = strip(payload)
    if not inner.startswith((b"MSH", *_ENVELOPE)):
        return (payload,)
    found: list[list[bytes]] = []
    for line in re.split(rb"[\r\n\x0b\x1c]+", inner):
        if line.startswith((b"MSH", *_ENVELOPE)):
            found.append([line])
        elif found and not found[-1][0].startswith(_ENVELOPE):
            found[-1].append(line)
    return tuple(b"\r".join(lines) + b"\r" for lines in found)


def is_envelope(piece: bytes) -> bool:
    """Whether a piece is a segment of a batch's envelope."""
    return piece.startswith(_ENVELOPE)
