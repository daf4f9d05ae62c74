"""Ages over 89 (45 CFR 164.514(b)(2)(i)(C)), which become 90+; younger ages stay, because the engine needs them."""

import re
from collections.abc import Iterator

from fhir_adapter.deid.hits import Hit
from fhir_adapter.model.span import Span

_AGE = re.compile(r"\b(?P<age>9\d|1[0-4]\d)(?=\s*-?\s*(?:years?|yrs?\.?|y\.?o\.?|y/o|yo)\b)|"
                  r"(?<=\baged )(?P<aged>9\d|1[0-4]\d)\b|(?<=\bage )(?P<of>9\d|1[0-4]\d)\b|(?<=\bage: )"
                  r"(?P<colon>9\d|1[0-4]\d)\b", re.IGNORECASE)


def find(text: str) -> Iterator[Hit]:
    """Each age of ninety or more."""
    for match in _AGE.finditer(text):
        if text[match.start() : match.end()] == "90" and text[match.end() : match.end() + 1] == "+":
            continue
        yield Hit(span=Span(*match.span()), replacement="90+", recogniser="age", rule="over 89",
                  why="an age over 89 singles out a person", rank=2)
