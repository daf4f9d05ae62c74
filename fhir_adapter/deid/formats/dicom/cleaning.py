"""
The elements of a data set without the person, as bytes.

Elements are read and changed as bytes where that can be, because decoding and encoding them is what costs; only words
outside ASCII go through pydicom and its character sets.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from fhir_adapter.deid.disguise import Disguise
from fhir_adapter.deid.formats.dicom.encoding import Syntax
from fhir_adapter.deid.formats.dicom.values import safe

_WHOLE = frozenset({"LT", "ST", "UT", "UR"})
"""VRs in which a backslash is a character like any other."""
_NUMBERS = frozenset({"US", "SS", "UL", "SL", "FL", "FD", "UV", "SV", "AT"})
_BYTES = frozenset({"OB", "OW", "OD", "OF", "OL", "OV", "OB or OW", "US or SS", "US or OW", "US or SS or OW"})
_PICTURE = (0x0028, 0x7FE0)
_REMOVED = frozenset({"X", "X/Z", "X/D", "X/Z/D"})
_NONE: frozenset[str] = frozenset()
_UNDEFINED = 0xFFFFFFFF


@dataclass(slots=True)
class Cleaning:
    """One file on its way, and all its words before and after."""

    disguise: Disguise
    syntax: Syntax
    before: list[str] = field(default_factory=list)
    after: list[str] = field(default_factory=list)

    def elements(self, dataset: Any) -> Iterator[tuple[int, bytes]]:
        """What stays of each element; private ones, curves, overlays, group lengths and unknown ones go."""
        table = self.disguise.tables.dicom
        for tag, element in dataset.items():
            number = int(tag)
            group = number >> 16
            if group & 1 or group & 0xFF00 in (0x5000, 0x6000) or not number & 0xFFFF:
                continue
            action, options = table.get(number, ("", _NONE))
            if options and self.disguise.days is None:
                options -= {"dates"}
            said = element.VR
            vr = said if said and said != "UN" else _dictionary_vr(number)
            if said == "UN" and vr == "SQ":
                continue  # data sets that the writer before did not know
            kept = self._kept(dataset, element, number, vr, action, options)
            if kept is not None:
                yield number, kept

    def _kept(self, dataset: Any, element: Any, tag: int, vr: str, action: str,
              options: frozenset[str]) -> bytes | None:
        if vr == "SQ":
            if action.startswith("X") and "U" not in action and "structure" not in options:
                return None
            items = [sorted(self.elements(item)) for item in dataset[tag].value]
            return self.syntax.sequence(tag, [b"".join(content for _, content in item) for item in items])
        if vr in _NUMBERS:
            if not action or options:
                return _as_it_is(dataset, element, tag, vr, self.syntax)
            return None if action in _REMOVED else self.syntax.element(tag, vr, b"")
        if vr in _BYTES:
            return None if action or tag >> 16 not in _PICTURE else _as_it_is(dataset, element, tag, vr, self.syntax)
        return None if vr == "UN" else self._words(dataset, element, tag, vr, action, options)

    def _words(self, dataset: Any, element: Any, tag: int, vr: str, action: str,
               options: frozenset[str]) -> bytes | None:
        given = _read(dataset, element, tag)
        is_uid = vr == "UI"  # the days in it are no dates, and it never stays
        if not is_uid:
            self.before.append(given)
        if action in _REMOVED and not options:
            return None
        parts = [given] if vr in _WHOLE else given.split("\\")
        made = [safe(tag, vr, part, action, options, self.disguise) for part in parts]
        words = "\\".join(made) if any(made) else ""
        if not is_uid:
            self.after.append(words)
        if words.isascii():
            return self.syntax.words(tag, vr, words.encode("ascii"))
        return self.syntax.words(tag, vr, _in_its_set(words, dataset))


def as_they_are(dataset: Any, syntax: Syntax) -> Iterator[tuple[int, bytes]]:
    """Every element but group lengths, which would no longer be true."""
    for tag, element in dataset.items():
        number = int(tag)
        if number & 0xFFFF:
            yield number, _as_it_is(dataset, element, number, element.VR or _dictionary_vr(number), syntax)


def _as_it_is(dataset: Any, element: Any, tag: int, vr: str, syntax: Syntax) -> bytes:
    if _is_raw(element):
        return syntax.element(tag, vr, element.value or b"", undefined=element.length == _UNDEFINED)
    from pydicom.filebase import DicomBytesIO
    from pydicom.filewriter import write_data_element

    out = DicomBytesIO()
    out.is_implicit_VR, out.is_little_endian = syntax.implicit, syntax.little
    write_data_element(out, element, dataset.original_character_set)
    return bytes(out.getvalue())


def _is_raw(element: Any) -> bool:
    return hasattr(element, "value_tell") and (element.value is None or isinstance(element.value, bytes))


def _read(dataset: Any, element: Any, tag: int) -> str:
    """The words of an element, several parted by a backslash as in the file (PS3.5 6.2)."""
    if _is_raw(element):
        content = element.value or b""
        if content.isascii() and b"\x1b" not in content:  # characters that every set has
            return str(content.decode("ascii").rstrip(" \0"))
        element = dataset[tag]
    value = element.value
    if isinstance(value, str) or not element.VM:
        return str(value or "")
    return "\\".join(map(str, value)) if element.VM > 1 else str(value)


def _in_its_set(words: str, dataset: Any) -> bytes:
    """Words in the character set of the data set (PS3.5 6.1.2)."""
    from pydicom.charset import encode_string

    known = dataset.original_character_set or "iso8859"
    return bytes(encode_string(words, [known] if isinstance(known, str) else list(known)))


@lru_cache(maxsize=8192)
def _dictionary_vr(tag: int) -> str:
    """The VR of an element whose file does not say it; UN where the dictionary does not know it."""
    from pydicom.datadict import dictionary_VR

    try:
        return str(dictionary_VR(tag))
    except KeyError:
        return "UN"
