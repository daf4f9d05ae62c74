"""
Elements as bytes (PS3.5 7.1), in the transfer syntax that the file came in.

What was read as bytes leaves as bytes: only what was changed is encoded anew, and pixel data is never looked at.
"""

import struct
import zlib
from collections.abc import Iterable
from dataclasses import dataclass

_LONG = frozenset({"OB", "OD", "OF", "OL", "OV", "OW", "SQ", "SV", "UC", "UN", "UR", "UT", "UV"})
"""VRs whose length has four bytes in explicit syntaxes (PS3.5 table 7.1-1)."""
_UNDEFINED = 0xFFFFFFFF
_HEADS = {little: tuple(struct.Struct(order + fields) for fields in ("HHL", "HH2sHL", "HH2sH"))
          for little, order in ((True, "<"), (False, ">"))}
"""By byte order, what stands before a value: in implicit syntaxes, before a long and before a short one in explicit."""
_ITEM, _END = 0xE000, 0xE0DD
_IMPLICIT, _EXPLICIT, _BIG = "1.2.840.10008.1.2", "1.2.840.10008.1.2.1", "1.2.840.10008.1.2.2"
_DEFLATED = "1.2.840.10008.1.2.1.99"


@dataclass(frozen=True, slots=True)
class Syntax:
    """How elements are written."""

    uid: str
    implicit: bool
    little: bool

    @classmethod
    def of(cls, uid: str) -> "Syntax":
        """The syntax with this UID; all but two are explicit and little endian (PS3.5 annex A)."""
        return cls(uid, uid == _IMPLICIT, uid != _BIG)

    def element(self, tag: int, vr: str, content: bytes, *, undefined: bool = False) -> bytes:
        """One element; `undefined` where the content is a row of items that an item ends (PS3.5 A.4).

        struct.error for a content that is too long for its VR.
        """
        plain, long, short = _HEADS[self.little]
        group, number = tag >> 16, tag & 0xFFFF
        length = _UNDEFINED if undefined else len(content)
        if self.implicit:
            head = plain.pack(group, number, length)
        elif vr in _LONG or undefined:
            head = long.pack(group, number, vr.encode(), 0, length)
        else:
            head = short.pack(group, number, vr.encode(), length)
        return head + content + self._mark(_END, 0) if undefined else head + content

    def words(self, tag: int, vr: str, words: bytes) -> bytes:
        """An element of characters, padded to an even length (PS3.5 6.2)."""
        return self.element(tag, vr, words + (b"\0" if vr == "UI" else b" ") * (len(words) % 2))

    def sequence(self, tag: int, items: Iterable[bytes]) -> bytes:
        """A sequence of data sets, all lengths told (PS3.5 7.5)."""
        return self.element(tag, "SQ", b"".join(self._mark(_ITEM, len(item)) + item for item in items))

    def whole(self, elements: bytes) -> bytes:
        """The elements as they stand in the file."""
        if self.uid != _DEFLATED:
            return elements
        packer = zlib.compressobj(wbits=-zlib.MAX_WBITS)
        packed = packer.compress(elements) + packer.flush()
        return packed + bytes(len(packed) % 2)

    def _mark(self, number: int, length: int) -> bytes:
        return _HEADS[self.little][0].pack(0xFFFE, number, length)


def uid_of(implicit: bool, little: bool) -> str:
    """The UID of the syntax that a file turned out to have which does not say it."""
    return _IMPLICIT if implicit else (_EXPLICIT if little else _BIG)


_META = Syntax.of(_EXPLICIT)


def file(meta: Iterable[tuple[int, str, bytes]], elements: bytes) -> bytes:
    """A file of DICOM (PS3.10 7.1): the file meta information, tag, VR and content, before the elements."""
    head = b"".join(_META.words(tag, vr, content) for tag, vr, content in sorted(meta))
    return bytes(128) + b"DICM" + _META.element(0x00020000, "UL", struct.pack("<L", len(head))) + head + elements
