"""Formats of table values: check digits of SNOMED CT and LOINC, regular expressions."""

import re
from collections.abc import Callable, Mapping
from functools import cache
from types import MappingProxyType
from typing import Any, Final

_D = ("0123456789", "1234067895", "2340178956", "3401289567", "4012395678", "5987604321", "6598710432", "7659821043",
      "8765932104", "9876543210")
_P = ("0123456789", "1576283094", "5803796142", "8916043527", "9453126870", "4286573901", "2793806415", "7046913258")


@cache
def is_sctid(value: str) -> bool:
    """Whether `value` is a SNOMED CT concept identifier: 6 to 18 digits, partition 00 or 10, Verhoeff check digit.

    SNOMED CT Technical Implementation Guide, 6 (SCTID) and appendix on the check digit.
    """
    if not re.fullmatch(r"[1-9][0-9]{5,17}", value) or value[-3:-1] not in ("00", "10"):
        return False
    check = 0
    for position, digit in enumerate(reversed(value)):
        check = int(_D[check][int(_P[position % 8][int(digit)])])
    return check == 0


def is_loinc(value: str) -> bool:
    """Whether `value` is a LOINC code: 1 to 7 digits, hyphen, mod-10 check digit (LOINC Users' Guide, appendix C)."""
    match = re.fullmatch(r"([0-9]{1,7})-([0-9])", value)
    if not match:
        return False
    digits, check = match.groups()
    doubled = str(int(digits[::-1][::2][::-1]) * 2)
    total = sum(map(int, doubled)) + sum(map(int, digits[::-1][1::2]))
    return (10 - total % 10) % 10 == int(check)


def is_regex(value: str) -> bool:
    """Whether `value` is a regular expression of Python."""
    try:
        re.compile(value)
    except re.error:
        return False
    return True


FORMATS: Final[Mapping[str, Callable[[str], bool]]] = MappingProxyType(
    {"sctid": is_sctid, "loinc": is_loinc, "regex": is_regex})


def checker() -> Any:
    """The formats as jsonschema takes them; what is no string has every format."""
    from jsonschema import FormatChecker

    made = FormatChecker(formats=())
    for name, fits in FORMATS.items():
        made.checks(name)(lambda value, fits=fits: not isinstance(value, str) or fits(value))
    return made
