"""What the words of an order name: body parts, how many views, and which."""

import re
from typing import TypeVar

from fhir_adapter.insights.hints import Sight
from fhir_adapter.model.code import RADLEX, SNOMED_CT, Code
from fhir_adapter.model.report import Contrast, Order
from fhir_adapter.tables.judgement import AnatomyRow, JudgementTables, ViewRow

_Row = TypeVar("_Row", AnatomyRow, ViewRow)
# RadLex, as published for the procedures of Radiology Insights (MicrosoftDocs/azure-docs).
_VIEW_CODES = {1: "RID43399", 2: "RID43403", 3: "RID43406", 4: "RID43408", 5: "RID43559", 6: "RID50157",
               7: "RID50158", 8: "RID50159"}
_NUMBERS = {"one": 1, "single": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8}
_VIEWS = re.compile(rf"(?<!\d)(?<!\d[-/])(?<!or )(?:(?P<digit>[1-8])|\b(?P<word>{'|'.join(_NUMBERS)}))\s*[-+]?\s*"
                    r"(?:v|vw|vws|views?)\b", re.IGNORECASE)
_CONTRAST = re.compile(
    r"\b(?:(?P<both>(?:with|w)\s*(?:and|&|/|\s)\s*(?:without|w/?o)(?:\s+(?:iv\s+)?contrast)?|wwo)|"
    r"(?P<without>without\s+(?:iv\s+)?contrast|w/?o\s+(?:iv\s+)?contrast|w/?o|non-?\s?contrast)|"
    r"(?P<with>(?:with|w/?)\s*(?:iv\s+)?contrast))(?!\w)", re.IGNORECASE)
_PA, _AP, _LATERAL = "RID43594", "RID43583", "RID43591"
_SOMEWHERE = Code(system=SNOMED_CT, code="279495008", display="Human body structure")


def words(order: Order, tables: JudgementTables) -> str:
    """All words of an order: its text, its code's display, and those that mappings/procedures.csv has for the code."""
    code = order.code
    return " ".join(filter(None, (order.text, *((code.display, tables.procedures.get(code.code, "")) if code else ()))))


def contrast(order: Order, said: str) -> Contrast | None:
    """The contrast that was ordered: as the reader understood it, else as the words say it."""
    match = None if order.contrast else _CONTRAST.search(said)
    return Contrast(str(match.lastgroup)) if match else order.contrast


def anatomies(said: str, tables: JudgementTables, sight: Sight) -> tuple[Code, ...]:
    """The body parts that the words name, in their order; the human body where they name none."""
    return tuple(dict.fromkeys(row.code for row in _named(said, tables.order_anatomy, sight))) or (_SOMEWHERE,)


def views(said: str, modality: str, tables: JudgementTables, sight: Sight) -> tuple[Code | None, tuple[Code, ...]]:
    """How many views (RadLex, None if not said) and which; PA or AP with lateral are two."""
    types = tuple(dict.fromkeys(row.code for row in _named(said, tuple(
        row for row in tables.order_views if modality in row.modalities), sight)))
    match = _VIEWS.search(said) if modality in ("DX", "MG", "RF") else None
    number = (int(match["digit"]) if match["digit"] else _NUMBERS[match["word"].lower()]) if match else 0
    if not number and len(types) == 2 and types[1].code == _LATERAL and types[0].code in (_PA, _AP):
        number = 2
    count = Code(system=RADLEX, code=_VIEW_CODES[number], display=f"{number} VIEW{'S' if number > 1 else ''}"
                 ) if number else None
    return count, types


def _named(said: str, rows: tuple[_Row, ...], sight: Sight) -> list[_Row]:
    """The rows whose words stand in the order, in its order; shorter words inside of longer ones do not count."""
    found = [(match.span(), row) for row in rows if sight.allows(row.words) for match in row.words.finditer(said)]
    return [row for (start, end), row in sorted(found, key=lambda f: f[0])
            if not any(s <= start and end <= e and e - s > end - start for (s, e), _ in found)]
