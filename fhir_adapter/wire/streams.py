"""
The messages of a stream of any length, one after the other, in memory that does not grow with the stream.

HL7 v2 messages follow each other with or without batch envelopes (chapter 2.10.3) and MLLP framing. JSON stands one
object a line (NDJSON), or as one object over all lines. Anything else is one message.
"""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import BinaryIO

from fhir_adapter.wire.frames import is_envelope

_CHUNK = 1 << 20
_LOOK = 4096
_BREAK = re.compile(rb"[\r\n\x0b\x1c]+")
_AROUND = b"\x0b\x1c\r\n \t"
_BOM = b"\xef\xbb\xbf"


@dataclass(frozen=True, slots=True)
class Piece:
    """One message; `whole` is False where it is longer than the limit and only its beginning is here."""

    payload: bytes = field(repr=False)
    whole: bool = True


def messages(stream: BinaryIO, *, limit: int, lines: bool | None = None) -> Iterator[Piece]:
    """Every message; `lines` says that the stream is NDJSON or is not, None that its beginning decides."""
    beginning = stream.read(_LOOK)
    while len(beginning) < _LOOK and (more := stream.read(_LOOK - len(beginning))):
        beginning += more
    bare = beginning.removeprefix(_BOM).lstrip(_AROUND)
    if bare.startswith((b"MSH", b"FHS", b"BHS")):
        return _segments(stream, beginning.removeprefix(_BOM), limit)
    if bare[:1] == b"{" and (lines or (lines is None and _is_lines(bare))):
        return _lines(stream, beginning.removeprefix(_BOM), limit)
    return _one(stream, beginning, limit)


def _is_lines(bare: bytes) -> bool:
    """Whether the first line is an object of its own; a line longer than what was looked at is taken for one."""
    first, end, rest = bare.partition(b"\n")
    if not end:
        return not bare.rstrip().endswith(b"}") or (b"\n" not in bare and len(bare) >= _LOOK)
    try:
        json.loads(first)
    except ValueError:
        return False
    return not rest.strip() or rest.lstrip()[:1] == b"{"


def _one(stream: BinaryIO, beginning: bytes, limit: int) -> Iterator[Piece]:
    payload = beginning + stream.read(max(0, limit + 1 - len(beginning)))
    if payload.strip(_AROUND):
        yield Piece(payload[:limit], whole=len(payload) <= limit)


def _lines(stream: BinaryIO, beginning: bytes, limit: int) -> Iterator[Piece]:
    for line, whole in _split(stream, beginning, limit, re.compile(rb"\n")):
        if line.strip():
            yield Piece(line.strip(), whole)


def _segments(stream: BinaryIO, beginning: bytes, limit: int) -> Iterator[Piece]:
    held: list[bytes] = []
    size, fits = 0, True
    for line, whole in _split(stream, beginning, limit, _BREAK):
        if line.startswith(b"MSH") or is_envelope(line):
            if held:
                yield Piece(b"\r".join(held) + b"\r", fits)
            held, size, fits = [], 0, True
            if is_envelope(line):
                continue
        elif not held:
            continue
        size += len(line) + 1
        fits = fits and whole and size <= limit
        if fits or not held:
            held.append(line[:limit])
    if held:
        yield Piece(b"\r".join(held) + b"\r", fits)


def _split(stream: BinaryIO, beginning: bytes, limit: int, at: re.Pattern[bytes]) -> Iterator[tuple[bytes, bool]]:
    """The parts between separators; of a part that is longer than the limit only so much, and False."""
    held, cut, data = beginning, False, b"1"
    while data:
        data = stream.read(_CHUNK)
        *parts, held = at.split(held + data)
        for part in parts:
            if part:
                yield part[:limit], not cut and len(part) <= limit
            cut = False
        if len(held) > limit:
            # The beginning is kept to say what was cut, the rest of the part is passed over.
            held, cut = held[:limit], True
    if held:
        yield held, not cut
