"""
A DICOM file back as a DICOM file: PS3.15 Annex E, basic profile with options 113104, 113105, 113107 and 113108.

Clean Structured Content, Clean Descriptors (words of a vocabulary), Retain Longitudinal Modified Dates (moved by the
patient's days), Retain Patient Characteristics. Text that no row of the table names passes through the vocabulary too;
private elements, curves and overlays go; UIDs that are not the standard's own are replaced, the same everywhere.
"""

import io
import re
from typing import Any

from fhir_adapter.deid.disguise import Disguise
from fhir_adapter.deid.formats import descriptors
from fhir_adapter.deid.formats.er7 import moved
from fhir_adapter.errors import UnreadableMessage, UnsupportedMessage
from fhir_adapter.issues import Issue
from fhir_adapter.tables.formats import is_loinc, is_sctid

_WORDS = ("LO", "SH", "LT", "ST", "UT", "UC", "UR", "AE")
_WHOLE = ("LT", "ST", "UT", "UR")
"""VRs in which a backslash is a character like any other."""
_NUMBERS = ("US", "SS", "UL", "SL", "FL", "FD", "UV", "SV", "AT", "TM")
_BYTES = ("OB", "OW", "OD", "OF", "OL", "OV", "OB or OW", "US or SS", "US or OW", "US or SS or OW")
_REMOVED = ("X", "X/Z", "X/D", "X/Z/D")
_CODES = (("113100", "Basic Application Confidentiality Profile"), ("113104", "Clean Structured Content Option"),
          ("113105", "Clean Descriptors Option"),
          ("113107", "Retain Longitudinal Temporal Information Modified Dates Option"),
          ("113108", "Retain Patient Characteristics Option"))
_DATES = "113107"
_TEXT, _CODE_VALUE = 0x0040A160, 0x00080100
_PSEUDONYMS = {0x00100010: "patient", 0x00100020: "patient", 0x00080050: "request", 0x00402016: "request",
               0x00402017: "request"}
_SECONDARY_CAPTURE = "1.2.840.10008.5.1.4.1.1.7"
_ANNOTATED = ("US", "IVUS", "ES", "XC", "OT", "DOC", "GM")
_STANDARD = "1.2.840.10008."


def scrub(dataset: Any, disguise: Disguise) -> tuple[bytes, str, str]:
    """The file without the person, and all its words before and after, for the last look; changes the dataset.

    UnsupportedMessage (DCM-301) where names are burned into the picture.
    """
    from pydicom import Dataset, config

    config.settings.writing_validation_mode = config.IGNORE  # the warnings quote
    if _may_show_names(dataset):
        raise UnsupportedMessage(Issue.at("DCM-301", "(0028,0301)"))
    dated = disguise.days is not None
    before: list[str] = []
    after: list[str] = []
    try:
        _clean(dataset, disguise, before, after)
    except Exception:  # an element that cannot be decoded; the message quotes it
        raise UnreadableMessage(Issue.at("DCM-300")) from None
    dataset.PatientIdentityRemoved = "YES"
    dataset.DeidentificationMethod = ["PS3.15 E.1-1 2026c", disguise.label]
    codes = []
    for value, meaning in (row for row in _CODES if dated or row[0] != _DATES):
        code = Dataset()
        code.CodeValue, code.CodingSchemeDesignator, code.CodeMeaning = value, "DCM", meaning
        codes.append(code)
    dataset.DeidentificationMethodCodeSequence = codes
    dataset.LongitudinalTemporalInformationModified = "MODIFIED" if dated else "REMOVED"
    meta = dataset.file_meta
    for element in list(meta):
        if element.tag not in (0x00020001, 0x00020002, 0x00020003, 0x00020010):
            del meta[element.tag]
    if "SOPInstanceUID" in dataset:
        meta.MediaStorageSOPInstanceUID = dataset.SOPInstanceUID
    dataset.preamble = bytes(128)
    return _written(dataset), "\n".join(before), "\n".join(after)


def marked(dataset: Any, disguise: Disguise) -> bytes:
    """The file as it is, saying that the identity was not removed and which mode was in force."""
    from pydicom import config

    config.settings.writing_validation_mode = config.IGNORE
    dataset.PatientIdentityRemoved = "NO"
    dataset.DeidentificationMethod = disguise.label
    return _written(dataset)


def _written(dataset: Any) -> bytes:
    out = io.BytesIO()
    dataset.save_as(out, enforce_file_format=True)
    return out.getvalue()


def _may_show_names(dataset: Any) -> bool:
    """Whether the picture says that names are burned in, or is of a kind that often has them and does not say no."""
    if "EncapsulatedDocument" in dataset or dataset.get("BurnedInAnnotation") == "YES":
        return True
    if "PixelData" not in dataset or dataset.get("BurnedInAnnotation") == "NO":
        return False
    captured = str(dataset.get("SOPClassUID", "")).startswith(_SECONDARY_CAPTURE)
    return captured or dataset.get("Modality") in _ANNOTATED


def _clean(dataset: Any, disguise: Disguise, before: list[str], after: list[str]) -> None:
    """Clean a dataset and those in it. Elements are changed as bytes where that can be: decoding is what costs."""
    for tag in list(dataset.keys()):
        action, options = disguise.tables.dicom.get(int(tag), ("", frozenset()))
        if disguise.days is None:
            options -= {"dates"}
        raw = dataset.get_item(tag)
        vr = raw.VR or _dictionary_vr(tag)
        if tag.is_private or tag.group & 0xFF00 in (0x5000, 0x6000) or vr == "UN":
            del dataset[tag]
        elif vr == "SQ":
            if action.startswith("X") and "U" not in action and "structure" not in options:
                del dataset[tag]
                continue
            for item in dataset[tag].value:
                _clean(item, disguise, before, after)
        elif vr in _NUMBERS:
            if action and not options:
                _emptied(dataset, tag, action)
        elif vr in _BYTES:
            if action or tag.group not in (0x0028, 0x7FE0):
                del dataset[tag]
        else:
            given = _read(raw, dataset)
            before.append(given)
            if action in _REMOVED and not options:
                del dataset[tag]
                continue
            parts = [given] if vr in _WHOLE else given.split("\\")
            safe = [_safe(int(tag), vr, part, action, options, disguise) or "" for part in parts]
            if safe != parts:
                _write(dataset, tag, raw, vr, safe)
            after.append("\\".join(safe))


def _dictionary_vr(tag: Any) -> str:
    """The VR of an element whose file does not say it; UN where the dictionary does not know it."""
    from pydicom.datadict import dictionary_VR

    try:
        return str(dictionary_VR(tag))
    except KeyError:
        return "UN"


def _emptied(dataset: Any, tag: Any, action: str) -> None:
    if action in _REMOVED:
        del dataset[tag]
    else:
        dataset[tag].value = None


def _read(raw: Any, dataset: Any) -> str:
    """The words of an element, several parted by a backslash as in the file (PS3.5 6.2)."""
    if _is_plain(raw):
        return str((raw.value or b"").decode("ascii").rstrip(" \0"))
    element = dataset[raw.tag]
    values = element.value if element.VM > 1 else ([] if element.VM == 0 else [element.value])
    return "\\".join(map(str, values))


def _write(dataset: Any, tag: Any, raw: Any, vr: str, safe: list[str]) -> None:
    """Put words in an element; padded to an even length (PS3.5 6.2)."""
    words = "\\".join(safe).rstrip("\\") if not any(safe) else "\\".join(safe)
    if _is_plain(raw) and words.isascii():
        content = words.encode("ascii")
        content += (b"\0" if vr == "UI" else b" ") * (len(content) % 2)
        dataset[tag] = raw._replace(value=content, length=len(content))
    else:
        dataset[tag].value = (safe if len(safe) > 1 else safe[0]) if words else None


def _is_plain(raw: Any) -> bool:
    """Whether an element is still bytes, and of characters that every character set has."""
    return bool(getattr(raw, "is_raw", False)) and (raw.value is None or (
        isinstance(raw.value, bytes) and raw.value.isascii() and b"\x1b" not in raw.value))


def _safe(tag: int, vr: str, value: str, action: str, options: frozenset[str],  # noqa: PLR0911 - one line a rule
          disguise: Disguise) -> str | None:
    who, vocabulary, known = disguise.identity, disguise.tables.descriptor_words, disguise.known
    if not value:
        return ""
    if tag in _PSEUDONYMS:
        return who.pseudonym(_PSEUDONYMS[tag], value.strip()) if value.strip() else ""
    if vr == "UI":
        return value if value.startswith(_STANDARD) else who.uid(value)
    if vr == "PN":
        return who.pseudonym("person", value.lower()) if value else ""
    if vr in ("DA", "DT"):
        if action and ("dates" not in options or disguise.days is None):
            return ""
        day = moved(value, disguise.days)
        return f"{day}0101" if day and disguise.days is None and vr == "DA" else day
    if vr in ("DS", "IS"):
        return value if re.fullmatch(r"[+-]?[\d.]{1,16}([eE][+-]?\d+)?", value.strip()) and (
            not action or options) else None
    if vr == "AS":
        return value if re.fullmatch(r"\d{3}[DWM]|0[0-8]\dY", value) else ""
    if tag == _TEXT:
        return disguise.clean(value).text
    if action and not options:
        return who.pseudonym("value", value)[:15] if "D" in action and vr in _WORDS and value else ""
    if tag == _CODE_VALUE and (is_sctid(value) or is_loinc(value) or re.fullmatch(r"\d{6}", value)):
        return value
    if vr == "CS":
        return descriptors.code(value, vocabulary, known)
    return descriptors.words(value, vocabulary, known)
