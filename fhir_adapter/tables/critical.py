"""mappings/insights/critical_results.yaml: when a finding is a critical result."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import IntEnum
from pathlib import Path
from types import MappingProxyType
from typing import Any

from fhir_adapter.errors import TableError
from fhir_adapter.model.code import OWN, SNOMED_CT, Code
from fhir_adapter.model.insight import Urgency
from fhir_adapter.tables.load import document, rows


class Certainty(IntEnum):
    """How sure a report is of what it names: only not excluded, possible, suspected, or there."""

    REMOTE = 0
    POSSIBLE = 1
    SUSPECTED = 2
    PRESENT = 3


_DOUBT = {"any": Certainty.REMOTE, "possible": Certainty.POSSIBLE, "suspected": Certainty.SUSPECTED,
          "none": Certainty.PRESENT}
_PATTERNS = ("words", "sentence", "context", "unless", "unless_asked", "unless_anywhere", "phrase", "recommended")


@dataclass(frozen=True, slots=True, kw_only=True)
class CriticalRow:
    """One critical result: its published name, urgency, the concepts that are it, and its conditions.

    `words` is a pattern for the mention itself, `sentence` one that its sentence must match, `unless` one that it must
    not, `unless_asked` one that the indication and `unless_anywhere` one that order and report must not, `context` one
    that these must, and `unless_cancer` keeps silent about a patient whose cancer is known; a condition that is None
    always holds. Diameters are in millimetres; `unmeasured` lets a thing without a size through. `fresh` wants it new,
    acute or growing. `certainty` is the least that is enough. `phrase` finds the result in the text without a finding,
    `recommended` finds it in the words of what the report asks for. `takes` are ids of
    rows whose results are part of this one; `also` its other names.
    """

    id: str
    name: str
    urgency: Urgency
    within_minutes: int
    concepts: tuple[Code, ...]
    certainty: Certainty
    also: tuple[str, ...] = ()
    words: re.Pattern[str] | None = None
    sentence: re.Pattern[str] | None = None
    context: re.Pattern[str] | None = None
    unless: re.Pattern[str] | None = None
    unless_asked: re.Pattern[str] | None = None
    unless_anywhere: re.Pattern[str] | None = None
    unless_cancer: bool = False
    phrase: re.Pattern[str] | None = None
    recommended: re.Pattern[str] | None = None
    at_least_mm: int = 0
    below_mm: int = 0
    unmeasured: bool = False
    fresh: bool = False
    takes: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class CancerWords:
    """What says that a patient has a known cancer: `named` in the indication, unless doubted, or `said` anywhere."""

    named: re.Pattern[str]
    doubted_before: re.Pattern[str]
    doubted_behind: re.Pattern[str]
    said: re.Pattern[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class CriticalTable:
    """The rows, the exacter first; those of each concept, and those that look into the text (`said`).

    `place` is the place of a row by its id; `known` are words that say that someone knows of a thing or has treated it.
    """

    rows: tuple[CriticalRow, ...]
    said: tuple[CriticalRow, ...]
    place: Mapping[str, int]
    of_concept: Mapping[str, tuple[CriticalRow, ...]]
    known: re.Pattern[str]
    cancer: CancerWords


def load(mappings: Path) -> CriticalTable:
    """Load the table, or raise a TableError that names the row."""
    content = document(mappings / "insights" / "critical_results.yaml")
    known = {r["code"]: Code(system=system, code=r["code"], display=r["display"])
             for system, name in ((SNOMED_CT, "concepts"), (OWN, "own_concepts"))
             for r in rows(mappings / "nlp" / f"{name}.csv")}
    ids = [row["id"] for row in content["critical_results"]]
    made = tuple(_row(row, content, known, ids) for row in content["critical_results"])
    of_concept: dict[str, list[CriticalRow]] = {}
    for row in made:
        if not (row.phrase or row.recommended):
            for concept in row.concepts:
                of_concept.setdefault(concept.code, []).append(row)
    return CriticalTable(rows=made, said=tuple(row for row in made if row.phrase or row.recommended),
                         place=MappingProxyType({row.id: place for place, row in enumerate(made)}),
                         of_concept=MappingProxyType({c: tuple(r) for c, r in of_concept.items()}),
                         known=_compiled(rf"\b(?:{'|'.join(content['known'])})", "known"),
                         cancer=CancerWords(**{name: _compiled(content["cancer"][name], f"cancer:{name}")
                                               for name in ("named", "doubted_before", "doubted_behind", "said")}))


def _row(row: dict[str, Any], content: dict[str, Any], known: Mapping[str, Code], ids: list[str]) -> CriticalRow:
    if ids.count(row["id"]) > 1:
        raise TableError(f"critical_results.yaml:{row['id']}: stands twice")
    for code in row["concepts"]:
        if code not in known:
            raise TableError(f"critical_results.yaml:{row['id']}: the code {code} is no concept of mappings/nlp")
    for other in row.get("takes", ()):
        if other not in ids:
            raise TableError(f"critical_results.yaml:{row['id']}:takes: there is no row {other}")
    if row["source"] not in content["sources"]:
        raise TableError(f"critical_results.yaml:{row['id']}:source: is not one of the sources")
    category = row["category"]
    return CriticalRow(
        id=row["id"], name=row["name"], also=tuple(row.get("also", ())), urgency=Urgency(category),
        within_minutes=row.get("within_minutes", content["within_minutes"][category]),
        concepts=tuple(known[code] for code in row["concepts"]),
        certainty=_DOUBT[row.get("doubt", content["doubt"][category])],
        at_least_mm=row.get("at_least_mm", 0), below_mm=row.get("below_mm", 0), unmeasured=row.get("unmeasured", False),
        fresh=row.get("fresh", False), unless_cancer=row.get("unless_cancer", False),
        takes=frozenset(row.get("takes", ())),
        **{name: _compiled(row[name], f"{row['id']}:{name}") for name in _PATTERNS if name in row})


def _compiled(pattern: str, place: str) -> re.Pattern[str]:
    try:
        return re.compile(pattern, re.IGNORECASE)
    except re.error:
        raise TableError(f"critical_results.yaml:{place}: is no regular expression") from None
