"""The guidelines: one YAML file each in mappings/insights/guidance/, all of the form of guideline.schema.json."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from types import MappingProxyType
from typing import Any

from fhir_adapter.errors import TableError
from fhir_adapter.model.code import Code
from fhir_adapter.model.insight import Proposal
from fhir_adapter.model.reading import Change, IntervalUnit, RecommendationKind
from fhir_adapter.model.report import Sex
from fhir_adapter.tables.load import document, rows

COMMON_ITEMS = ("SIZE", "MAX DIAMETER", "LOBE", "LOCATION", "SIDE", "AGE")
"""Facts that are read for every finding, beside the items of its guideline."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Range:
    """Numbers between `low` and `high`, None where there is no end; an open end does not belong to it."""

    low: Decimal | None = None
    high: Decimal | None = None
    low_open: bool = False
    high_open: bool = False

    def overlaps(self, other: "Range") -> bool:
        """Whether a number lies in both."""
        return self._reaches(other) and other._reaches(self)

    def _reaches(self, other: "Range") -> bool:
        """Whether this range does not end before the other begins."""
        if self.high is None or other.low is None:
            return True
        return self.high > other.low or (self.high == other.low and not self.high_open and not other.low_open)


@dataclass(frozen=True, slots=True, kw_only=True)
class ValueRow:
    """One value of an item and how it is known: by words, by attenuation in HU, or by a dictated category.

    Where no value is said, the one of the patient's `age` is presumed. A `final` value decides the level by its own
    points, whatever the other items are.
    """

    value: str
    words: re.Pattern[str] | None = None
    attenuation: Range | None = None
    age: Range | None = None
    dictated: str = ""
    points: int = 0
    final: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemRow:
    """A fact that a guideline asks for.

    `report`: read in the whole report, not only in what is said of the finding. `optional`: what is not said counts as
    the value UNSAID and is never missing. `several`: all values hold that are said, else the first of the table.
    `scored`: its points count for the level.
    """

    name: str
    values: tuple[ValueRow, ...]
    report: bool = False
    optional: bool = False
    several: bool = False
    scored: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class LevelRow:
    """A category by the sum of points, as TR4 for 4 to 6."""

    value: str
    points: Range


@dataclass(frozen=True, slots=True, kw_only=True)
class ChoiceRow:
    """One row of the guideline: when it holds and what it proposes; what is not named in it is not asked for."""

    id: str
    when: Mapping[str, frozenset[str]]
    size: Range | None
    age: Range | None
    proposals: tuple[Proposal, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class GuidelineRow:
    """One guideline: its source, the findings that it is about, what it asks for, and its rows.

    `modalities` are those of the examination; `assumed` says whether an examination of unknown modality counts.
    `excluded` are words about the patient, `unless` words about the finding, with which the guideline does not hold.
    `mean` takes the mean of the first two diameters for the size, else the largest counts; sizes are in millimetres.
    """

    id: str
    title: str
    year: int
    source: str
    identifier: Code
    modalities: frozenset[str]
    assumed: bool
    concepts: frozenset[str]
    general: frozenset[str]
    """Concepts of no organ ("hypodense lesion") that count at one of `organ`."""
    organ: frozenset[str]
    ordered: re.Pattern[str] | None
    """Words of an order for that organ, where a general concept counts without a site and at a `doubtful` one too."""
    doubtful: frozenset[str]
    minimum_age: int | None
    sex: Sex | None
    excluded: re.Pattern[str] | None
    unless: re.Pattern[str] | None
    changes: frozenset[Change]
    mean: bool
    items: tuple[ItemRow, ...]
    levels: tuple[LevelRow, ...]
    level: str
    choices: tuple[ChoiceRow, ...]
    recommended_sites: frozenset[str]
    words: re.Pattern[str]
    """All words of its items, and those that go on about what was named before."""


def load(folder: Path, known: frozenset[str]) -> tuple[GuidelineRow, ...]:
    """Load every guideline, or raise a TableError; `known` are the codes that concepts.csv has."""
    procedures = {r["id"]: r for r in rows(folder / "procedures.csv")}
    schema = folder / "guideline.schema.json"
    guidelines = tuple(_guideline(path, document(path, schema=schema), procedures)
                       for path in sorted(folder.glob("*.yaml")))
    for row in guidelines:
        if unknown := (row.concepts | row.general | row.organ | row.doubtful | row.recommended_sites) - known:
            raise TableError(f"guidance/{row.id}: the code {min(unknown)} has no row in concepts.csv")
    return guidelines


def _guideline(path: Path, r: Any, procedures: Mapping[str, Mapping[str, str]]) -> GuidelineRow:
    where = path.name
    items = tuple(_item(where, item) for item in r["items"])
    allowed = {item.name: {v.value for v in item.values} | {"UNSAID"} for item in items}
    levels = tuple(LevelRow(value=v["value"], points=_range(v["points"]) or Range()) for v in r.get("levels", ()))
    for choice in r["rows"]:
        for name, values in choice.get("when", {}).items():
            if not set(values) <= allowed.get(name, set()):
                raise TableError(f"{where}:{choice['id']}: asks for a value of {name} that no item has")
    identifier = r["identifier"]
    return GuidelineRow(
        id=path.stem, title=r["title"], year=r["year"], source=r["source"],
        identifier=Code(system=identifier["system"], code=identifier["code"], display=identifier["display"]),
        modalities=frozenset(r["modalities"]), assumed=r.get("assumed", False), concepts=frozenset(r["concepts"]),
        general=frozenset(r.get("general", ())), organ=frozenset(r.get("organ", ())),
        ordered=_pattern(where, r.get("ordered")), doubtful=frozenset(r.get("doubtful", ())),
        minimum_age=r.get("minimum_age"),
        sex=Sex(r["sex"]) if "sex" in r else None, excluded=_pattern(where, r.get("excluded")),
        unless=_pattern(where, r.get("unless")), changes=frozenset(Change(c) for c in r.get("changes", ("new",))),
        mean=r.get("measure") == "mean", items=items, levels=levels, level=r.get("level", ""),
        choices=tuple(_choice(choice, procedures, where) for choice in r["rows"]),
        recommended_sites=frozenset(r.get("recommended_sites", ())), words=_all_words(items))


def _all_words(items: tuple[ItemRow, ...]) -> re.Pattern[str]:
    said = [v.words.pattern for item in items if not item.report for v in item.values if v.words]
    return re.compile("|".join((r"\b(?:it|this|they|these|its)\b", *said)), re.IGNORECASE | re.VERBOSE)


def _item(where: str, r: Any) -> ItemRow:
    values = tuple(ValueRow(value=v["value"], words=_pattern(where, v.get("words")), dictated=v.get("dictated", ""),
                            attenuation=_range(v.get("attenuation")), points=v.get("points", 0),
                            age=_range(v.get("age")), final=v.get("final", False)) for v in r["values"])
    return ItemRow(name=r["name"], values=values, report=r.get("report", False), optional=r.get("optional", False),
                   several=r.get("several", False), scored=any("points" in v for v in r["values"]))


def _choice(r: Any, procedures: Mapping[str, Mapping[str, str]], where: str) -> ChoiceRow:
    when = {name: frozenset(values) for name, values in r.get("when", {}).items()}
    return ChoiceRow(id=r["id"], when=MappingProxyType(when), size=_range(r.get("size")), age=_range(r.get("age")),
                     proposals=tuple(_proposal(p, procedures, where) for p in r["proposals"]))


def _proposal(r: Any, procedures: Mapping[str, Mapping[str, str]], where: str) -> Proposal:
    row = procedures.get(r["procedure"])
    if row is None:
        raise TableError(f"{where}: proposes {r['procedure']}, which has no row in procedures.csv")
    code = Code(system=row["system"], code=row["code"], display=row["display"]) if row["code"] else None
    return Proposal(text=r["text"], kind=RecommendationKind(row["kind"]), procedure=code, low=r.get("low"),
                    high=r.get("high"), unit=IntervalUnit(r["unit"]) if "unit" in r else None,
                    nothing=r["procedure"] == "none", option=r.get("option", False),
                    conditional=r.get("conditional", False))


def _range(r: Any) -> Range | None:
    if r is None:
        return None
    low, high = r.get("from", r.get("above")), r.get("up_to", r.get("below"))
    return Range(low=None if low is None else Decimal(str(low)), high=None if high is None else Decimal(str(high)),
                 low_open="above" in r, high_open="below" in r)


def _pattern(where: str, words: str | None) -> re.Pattern[str] | None:
    try:
        return re.compile(rf"\b(?:{words})", re.IGNORECASE | re.VERBOSE) if words else None
    except re.error:
        raise TableError(f"{where}: is no regular expression") from None
