"""
A DICOM file back as a DICOM file: PS3.15 Annex E, basic profile with options 113104, 113105, 113107 and 113108.

Clean Structured Content, Clean Descriptors (words of a vocabulary), Retain Longitudinal Modified Dates (moved by the
patient's days), Retain Patient Characteristics. Text that no row of the table names passes through the vocabulary too;
private elements, curves and overlays go; UIDs that are not the standard's own are replaced, the same everywhere.
"""

from collections.abc import Iterable, Mapping
from typing import Any
from uuid import NAMESPACE_URL, uuid5

from fhir_adapter.deid.disguise import Disguise
from fhir_adapter.deid.formats.dicom import encoding
from fhir_adapter.deid.formats.dicom.cleaning import Cleaning, as_they_are
from fhir_adapter.errors import UnreadableMessage, UnsupportedMessage
from fhir_adapter.issues import Issue

_CODES = (("113100", "Basic Application Confidentiality Profile"), ("113104", "Clean Structured Content Option"),
          ("113105", "Clean Descriptors Option"),
          ("113107", "Retain Longitudinal Temporal Information Modified Dates Option"),
          ("113108", "Retain Patient Characteristics Option"))
_DATES = "113107"
_REMOVED, _METHOD = 0x00120062, 0x00120063
_SECONDARY_CAPTURE = "1.2.840.10008.5.1.4.1.1.7"
_ANNOTATED = ("US", "IVUS", "ES", "XC", "OT", "DOC", "GM")
_PARTED = "\n.\n"
"""What stands between the words of two elements: no name goes from one to the other."""
_WRITER = f"2.25.{uuid5(NAMESPACE_URL, 'fhir-adapter').int}"
"""Implementation Class UID (PS3.10 7.1) of what writes the file."""


def scrub(dataset: Any, disguise: Disguise) -> tuple[bytes, str, str]:
    """The file without the person, and all its words before and after, for the last look.

    UnsupportedMessage (DCM-301) where names are burned into the picture.
    """
    if _may_show_names(dataset):
        raise UnsupportedMessage(Issue.at("DCM-301", "(0028,0301)"))
    syntax = _syntax(dataset)
    cleaning = Cleaning(disguise, syntax)
    try:
        elements = dict(cleaning.elements(dataset))
        elements.update(_marks(disguise, syntax))
        written = _file(dataset, elements, disguise, syntax)
    except Exception:  # an element that cannot be decoded; the message quotes it
        raise UnreadableMessage(Issue.at("DCM-300")) from None
    return written, _PARTED.join(cleaning.before), _PARTED.join(cleaning.after)


def marked(dataset: Any, disguise: Disguise) -> bytes:
    """The file as it is, saying that the identity was not removed and which mode was in force."""
    syntax = _syntax(dataset)
    try:
        elements = dict(as_they_are(dataset, syntax))
        elements[_REMOVED] = syntax.words(_REMOVED, "CS", b"NO")
        elements[_METHOD] = syntax.words(_METHOD, "LO", disguise.label.encode())
        return _file(dataset, elements, disguise, syntax)
    except Exception:  # as above
        raise UnreadableMessage(Issue.at("DCM-300")) from None


def _may_show_names(dataset: Any) -> bool:
    """Whether the picture says that names are burned in, or is of a kind that often has them and does not say no."""
    if "EncapsulatedDocument" in dataset or dataset.get("BurnedInAnnotation") == "YES":
        return True
    if "PixelData" not in dataset or dataset.get("BurnedInAnnotation") == "NO":
        return False
    captured = str(dataset.get("SOPClassUID", "")).startswith(_SECONDARY_CAPTURE)
    return captured or dataset.get("Modality") in _ANNOTATED


def _syntax(dataset: Any) -> encoding.Syntax:
    told = dataset.file_meta.get("TransferSyntaxUID")
    return encoding.Syntax.of(str(told or encoding.uid_of(*dataset.original_encoding)))


def _file(dataset: Any, elements: Mapping[int, bytes], disguise: Disguise, syntax: encoding.Syntax) -> bytes:
    told, instance = (str(dataset.get(name) or dataset.file_meta.get(f"MediaStorage{name}") or "")
                      for name in ("SOPClassUID", "SOPInstanceUID"))
    meta = ((0x00020001, "OB", b"\0\1"), (0x00020002, "UI", told.encode()),
            (0x00020003, "UI", disguise.identity.uid(instance).encode()), (0x00020010, "UI", syntax.uid.encode()),
            (0x00020012, "UI", _WRITER.encode()))
    return encoding.file(meta, syntax.whole(b"".join(elements[tag] for tag in sorted(elements))))


def _marks(disguise: Disguise, syntax: encoding.Syntax) -> Iterable[tuple[int, bytes]]:
    """That the file is without the person, by which method, and what was done to its dates (PS3.15 E.1.1)."""
    dated = disguise.days is not None
    codes = [syntax.words(0x00080100, "SH", value.encode()) + syntax.words(0x00080102, "SH", b"DCM")
             + syntax.words(0x00080104, "LO", meaning.encode())
             for value, meaning in _CODES if dated or value != _DATES]
    method = "\\".join(("PS3.15 E.1-1 2026c", disguise.label))
    yield _REMOVED, syntax.words(_REMOVED, "CS", b"YES")
    yield _METHOD, syntax.words(_METHOD, "LO", method.encode())
    yield 0x00120064, syntax.sequence(0x00120064, codes)
    yield 0x00280303, syntax.words(0x00280303, "CS", b"MODIFIED" if dated else b"REMOVED")
