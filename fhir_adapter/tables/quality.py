"""The quality measures: mappings/insights/quality_measures.yaml."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from pathlib import Path
from types import MappingProxyType
from typing import Any

from fhir_adapter.errors import TableError
from fhir_adapter.model.report import Contrast, Sex
from fhir_adapter.tables.load import document


class Asked(StrEnum):
    """Which recommendation a criterion asks for.

    One with its time, or what else is done next (CT, PET/CT, a procedure), any imaging, expressly none, any or none.
    """

    INTERVAL = "interval"
    NEXT = "next"
    IMAGING = "imaging"
    NONE = "none"
    TOLD = "told"


@dataclass(frozen=True, slots=True, kw_only=True)
class Ages:
    """Completed years from `low` to `high`, both included; None is no limit."""

    low: int | None = None
    high: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Examination:
    """Examinations by DICOM modality ("" is an unknown one) and by words of the order."""

    modalities: frozenset[str]
    order: re.Pattern[str] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundRow:
    """A finding that makes a report eligible: concept, site, words of its sentence or not, largest size in mm.

    Or a `phrase`, for what no concept names.
    """

    concepts: frozenset[str] = frozenset()
    phrase: re.Pattern[str] | None = None
    sites: frozenset[str] = frozenset()
    order: re.Pattern[str] | None = None
    words: re.Pattern[str] | None = None
    unless: re.Pattern[str] | None = None
    limit: Decimal | None = None
    limit_open: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Eligible:
    """Which reports a measure judges; None or empty does not matter. An unknown age fits, an unknown sex does not.

    `unless_cancer` leaves out patients whose cancer is known.
    """

    examinations: tuple[Examination, ...]
    said: re.Pattern[str] | None
    indication: re.Pattern[str] | None
    found: tuple[FoundRow, ...]
    age: Ages | None
    age_of: Mapping[Sex, Ages]
    sex: Sex | None
    contrasts: frozenset[Contrast | None]
    excluded: re.Pattern[str] | None
    unless_cancer: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class CriterionRow:
    """One criterion by its normalised name: words of the report, its modality, or a recommendation.

    `denied`: "no calcification" counts too. `when`: it is only asked for where these words stand.
    """

    name: str
    words: re.Pattern[str] | None = None
    denied: bool = False
    when: re.Pattern[str] | None = None
    modality: str = ""
    asked: Asked | None = None
    sites: frozenset[str] = frozenset()
    order: re.Pattern[str] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class MeasureRow:
    """One measure of one year; each tuple of `met` names criteria that together fulfil it."""

    id: str
    title: str
    year: int
    source: str
    denominator: str
    inverse: bool
    eligible: Eligible
    exception: re.Pattern[str] | None
    criteria: tuple[CriterionRow, ...]
    met: tuple[tuple[str, ...], ...]


def load(path: Path, known: frozenset[str]) -> tuple[MeasureRow, ...]:
    """Load the table, or raise a TableError; `known` are the codes that concepts.csv has."""
    measures = tuple(_measure(path.name, row) for row in document(path)["measures"])
    for measure in measures:
        codes = {code for row in measure.eligible.found for code in (*row.concepts, *row.sites)}
        codes |= {code for row in measure.criteria for code in row.sites}
        if codes - known:
            raise TableError(f"{path.name}:{measure.id}: the code {min(codes - known)} has no row in concepts.csv")
        if {name for names in measure.met for name in names} - {row.name for row in measure.criteria}:
            raise TableError(f"{path.name}:{measure.id}: met names a criterion that is not there")
    return measures


def _measure(where: str, r: Any) -> MeasureRow:
    place = f"{where}:{r['id']}"
    criteria = tuple(_criterion(place, c) for c in r["criteria"])
    everything = (tuple(c.name for c in criteria),)
    return MeasureRow(id=r["id"], title=r["title"], year=r["year"], source=r["source"], denominator=r["denominator"],
                      inverse=r.get("inverse", False), eligible=_eligible(place, r["eligible"]),
                      exception=_pattern(place, r.get("exception")), criteria=criteria,
                      met=tuple(map(tuple, r["met"])) if "met" in r else everything)


def _eligible(place: str, r: Any) -> Eligible:
    examinations = tuple(Examination(modalities=frozenset(e["modalities"]), order=_pattern(place, e.get("order")))
                         for e in r.get("examinations", (r,)))
    ages = {Sex(sex): _ages(limits) for sex, limits in r.get("age_of", {}).items()}
    return Eligible(
        examinations=examinations, said=_pattern(place, r.get("said")), found=tuple(
            _found(place, f) for f in r.get("found", ())), age=_ages(r["age"]) if "age" in r else None,
        indication=_pattern(place, r.get("indication")), age_of=MappingProxyType(ages),
        sex=Sex(r["sex"]) if "sex" in r else None, excluded=_pattern(place, r.get("excluded")),
        unless_cancer=r.get("unless_cancer", False),
        contrasts=frozenset(Contrast(c) if c else None for c in r.get("contrast", ())))


def _found(place: str, r: Any) -> FoundRow:
    limit = r.get("up_to", r.get("below"))
    return FoundRow(concepts=frozenset(r.get("concepts", ())), phrase=_pattern(place, r.get("phrase")),
                    sites=frozenset(r.get("sites", ())),
                    order=_pattern(place, r.get("order")), words=_pattern(place, r.get("words")),
                    unless=_pattern(place, r.get("unless")), limit_open="below" in r,
                    limit=None if limit is None else Decimal(str(limit)))


def _criterion(place: str, r: Any) -> CriterionRow:
    return CriterionRow(name=r["name"], words=_pattern(place, r.get("words")), denied=r.get("denied", False),
                        when=_pattern(place, r.get("when")), modality=r.get("modality", ""),
                        asked=Asked(r["recommendation"]) if "recommendation" in r else None,
                        sites=frozenset(r.get("sites", ())), order=_pattern(place, r.get("order")))


def _ages(r: Mapping[str, int]) -> Ages:
    return Ages(low=r.get("from"), high=r.get("up_to"))


def _pattern(place: str, words: str | None) -> re.Pattern[str] | None:
    try:
        return re.compile(words, re.IGNORECASE | re.MULTILINE) if words else None
    except re.error:
        raise TableError(f"{place}: is no regular expression") from None
