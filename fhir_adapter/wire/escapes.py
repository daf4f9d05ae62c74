"""
Escape sequences of HL7 v2 (chapter 2.7), both ways.

    \\F\\ \\S\\ \\T\\ \\R\\ \\E\\ \\P\\   the delimiters             \\.br\\ \\.sp\\ \\.sp3\\   line breaks
    \\Xdd..\\                    bytes, in the message's codec  \\H\\ \\N\\             highlighting, dropped
    \\.in+4\\ \\.ti\\ \\.fi\\ \\.nf\\ \\.sk3\\ \\.ce\\  formatting    anything else      kept as it stands and reported
"""

import re
from functools import lru_cache

from fhir_adapter.wire.delimiters import Delimiters

_BREAK = re.compile(r"\.(br|sp|ce)\s*\+?(\d{1,2})?")
_BLANK = re.compile(r"\.(in|ti)\s*[+-]?\d{0,2}|\.(fi|nf)")
_SKIP = re.compile(r"\.sk\s*\+?(\d{0,2})")
_HEX = re.compile(r"X(?:[0-9A-Fa-f]{2})+")


@lru_cache(maxsize=32)
def _pattern(escape: str) -> re.Pattern[str]:
    e = re.escape(escape)
    # Neighbouring \X..\X..\ sequences may together make one multi-byte character, so a run is decoded as one.
    return re.compile(rf"(?:{e}X(?:[0-9A-Fa-f]{{2}})+{e})+|{e}([^{e}\r\n]{{0,64}}){e}")


def unescape(raw: str, delimiters: Delimiters, codec: str = "utf-8") -> tuple[str, bool]:
    """The text that `raw` stands for, and whether a sequence was unknown and kept. Line breaks become "\\n"."""
    escape = delimiters.escape
    if not escape or escape not in raw:
        return raw, False
    unknown = False
    named = {"F": delimiters.field, "S": delimiters.component, "T": delimiters.subcomponent,
             "R": delimiters.repetition, "E": escape, "P": delimiters.truncation, "H": "", "N": ""}

    def replace(match: re.Match[str]) -> str:
        nonlocal unknown
        body = match.group(1)
        if body is None:
            return _bytes(match.group(0).replace(f"{escape}X", "").replace(escape, ""), codec)
        if body in named:
            return named[body]
        if found := _BREAK.fullmatch(body):
            return "\n" * min(int(found.group(2) or 1), 20)
        if _BLANK.fullmatch(body):
            return ""
        if found := _SKIP.fullmatch(body):
            return " " * int(found.group(1) or 1)
        unknown = True
        return match.group(0)

    return _pattern(escape).sub(replace, raw), unknown


def _bytes(digits: str, codec: str) -> str:
    data = bytes.fromhex(digits)
    # \X000d\ is how many engines write one carriage return: a 16-bit character, not a null byte and a return.
    if len(data) % 2 == 0 and data[::2] == bytes(len(data) // 2) and b"\x00" in data:
        data = data[1::2]
    single = "latin-1" if codec.startswith("utf-16") else codec
    try:
        text = data.decode(single)
    except UnicodeDecodeError:
        text = data.decode("latin-1")
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    return "".join(c for c in text if c in "\n\t" or ord(c) >= 32)


def escape(text: str, delimiters: Delimiters) -> str:
    """`text` with delimiters and line breaks escaped, so that it can stand in a field."""
    e = delimiters.escape
    names = {e: "E", delimiters.field: "F", delimiters.component: "S", delimiters.repetition: "R",
             delimiters.subcomponent: "T"}
    if delimiters.truncation:
        names[delimiters.truncation] = "P"
    out = []
    for character in text:
        if character in names:
            out.append(f"{e}{names[character]}{e}")
        elif character == "\n":
            out.append(f"{e}.br{e}")
        else:
            out.append(character)
    return "".join(out)
