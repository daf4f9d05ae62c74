"""
The Minimal Lower Layer Protocol without sockets: bytes in, frames out (HL7 v2 transport specification, MLLP release 1).

A frame is 0B, the message, 1C 0D. Real senders differ, so a `Deframer` also takes several frames in one read and one
frame over many, bytes between frames, a second 0B before the message, and a frame whose last 0D is missing.
"""

from dataclasses import dataclass

START, END, CR = 0x0B, 0x1C, 0x0D
HEAD = 64 * 1024
"""How much of an oversized message is kept, so that it can be answered by its own header."""

_RESTART = b"\x0bMSH"


def frame(message: bytes) -> bytes:
    """The message as a frame."""
    return bytes((START,)) + message + bytes((END, CR))


@dataclass(frozen=True, slots=True)
class Frame:
    """One message without its framing bytes; `whole` is False where it was over the limit and only its head is here."""

    message: bytes
    whole: bool = True


class Deframer:
    """Takes bytes as they come and gives frames; memory stays under `limit` and one read, whatever is sent."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._buffer = bytearray()
        self._scanned = 0
        self._inside = False
        self._head: bytes | None = None

    @property
    def inside(self) -> bool:
        """Whether a frame has begun and not ended."""
        return self._inside

    @property
    def perhaps_done(self) -> bool:
        """Whether the last byte was 1C, so that only a 0D is missing, which some senders never send."""
        return self._inside and self._buffer.endswith(bytes((END,)))

    def feed(self, data: bytes) -> list[Frame]:
        """The frames that are complete with these bytes."""
        self._buffer += data
        out: list[Frame] = []
        while True:
            if not self._inside and not self._begin():
                return out
            end = self._end()
            if end is None:
                self._shorten()
                return out
            out += self._close(end)

    def flush(self) -> list[Frame]:
        """The frame whose last 0D never came; for when the peer closed or fell silent after 1C."""
        if not self.perhaps_done:
            return []
        return self._close(len(self._buffer) - 1)

    def _begin(self) -> bool:
        start = self._buffer.find(START)
        if start < 0:
            self._buffer.clear()
            return False
        while start < len(self._buffer) and self._buffer[start] == START:
            start += 1
        del self._buffer[:start]
        self._inside, self._scanned, self._head = True, 0, None
        return True

    def _end(self) -> int | None:
        """Where the frame's 1C stands; a 1C that neither 0D nor a new frame follows belongs to the message."""
        position = self._scanned
        while (position := self._buffer.find(END, position)) >= 0:
            following = self._buffer[position + 1 : position + 2]
            if not following:
                self._scanned = position
                return None
            if following[0] in (CR, START):
                return position
            position += 1
        self._scanned = len(self._buffer)
        return None

    def _close(self, end: int) -> list[Frame]:
        message = bytes(self._buffer[:end])
        del self._buffer[: end + 1]
        if self._buffer[:1] == bytes((CR,)):
            del self._buffer[:1]
        self._inside = False
        if self._head is not None or len(message) > self._limit:
            return [Frame((self._head if self._head is not None else message)[:HEAD], whole=False)]
        # A sender that broke off and began anew on the same connection: what it sent last is what counts.
        message = message[message.rfind(_RESTART) + 1 :]
        return [Frame(message)] if message.strip(b"\r\n\x0b ") else []

    def _shorten(self) -> None:
        """Once over the limit keep the head only and throw away what follows."""
        if self._head is None and len(self._buffer) > self._limit:
            self._head = bytes(self._buffer[:HEAD])
        if self._head is not None:
            # The last byte may be the 1C of the ending.
            del self._buffer[: max(0, len(self._buffer) - 1)]
            self._scanned = 0
