"""What stands in the place of one value of an element, by its tag, its VR and its row in the table."""

import re

from fhir_adapter.deid.disguise import Disguise
from fhir_adapter.deid.formats import descriptors
from fhir_adapter.deid.formats.er7 import moved
from fhir_adapter.tables.formats import is_loinc, is_sctid

_WORDS = frozenset({"LO", "SH", "LT", "ST", "UT", "UC", "UR", "AE"})
_CHARACTER_SET, _CODE_VALUE, _TEXT = 0x00080005, 0x00080100, 0x0040A160
_PSEUDONYMS = {0x00100010: "patient", 0x00100020: "patient", 0x00080050: "request", 0x00402016: "request",
               0x00402017: "request"}
_STANDARD = "1.2.840.10008."
_CHARACTER_SETS = re.compile(r"(?:ISO[_ ]IR|ISO 2022 IR|ISO_2022_IR) \d{1,3}|GB18030|GBK")
"""The defined terms of PS3.3 C.12.1.1.2."""
_NUMBER = re.compile(r"[+-]?[\d.]{1,16}([eE][+-]?\d+)?")
_AGE = re.compile(r"\d{3}[DWM]|0[0-8]\dY")
_TIME = re.compile(r"[\d:. -]+")
_SIX_DIGITS = re.compile(r"\d{6}")


def safe(tag: int, vr: str, value: str, action: str, options: frozenset[str],  # noqa: PLR0911 - one line a rule
         disguise: Disguise) -> str:
    """What is left of a value; empty if nothing. `action` and `options` are what the table says of the tag."""
    who, vocabulary, known = disguise.identity, disguise.tables.descriptor_words, disguise.known
    if not value:
        return ""
    if tag in _PSEUDONYMS:
        return who.pseudonym(_PSEUDONYMS[tag], value.strip()) if value.strip() else ""
    if vr == "UI":
        return value if value.startswith(_STANDARD) else who.uid(value)
    if vr == "PN":
        return who.pseudonym("person", value.lower())
    if vr in ("DA", "DT"):
        if action and ("dates" not in options or disguise.days is None):
            return ""
        day = moved(value, disguise.days)
        return f"{day}0101" if day and disguise.days is None and vr == "DA" else day
    if vr in ("DS", "IS"):
        return value if _NUMBER.fullmatch(value.strip()) and (not action or options) else ""
    if vr == "TM":
        return value if _TIME.fullmatch(value) and (not action or options) else ""
    if vr == "AS":
        return value if _AGE.fullmatch(value) else ""
    if tag == _TEXT:
        return disguise.clean(value).text
    if action and not options:
        return who.pseudonym("value", value)[:15] if "D" in action and vr in _WORDS else ""
    if tag == _CHARACTER_SET and _CHARACTER_SETS.fullmatch(value):
        return value
    if tag == _CODE_VALUE and (is_sctid(value) or is_loinc(value) or _SIX_DIGITS.fullmatch(value)):
        return value
    if vr == "CS":
        return descriptors.code(value, vocabulary, known)
    return descriptors.words(value, vocabulary, known)
