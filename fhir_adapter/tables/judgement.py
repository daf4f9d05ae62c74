"""The tables that the detectors judge by: what is critical, how far ages may differ."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from types import MappingProxyType

from fhir_adapter.model.code import RADLEX, SNOMED_CT, Code
from fhir_adapter.model.report import AgeUnit
from fhir_adapter.tables import completeness, critical, guidance, quality
from fhir_adapter.tables.completeness import ExaminationRow
from fhir_adapter.tables.critical import CriticalTable
from fhir_adapter.tables.guidance import GuidelineRow
from fhir_adapter.tables.load import document, rows
from fhir_adapter.tables.quality import MeasureRow

_PLAIN = frozenset({
    "Dual energy X-Ray absorptiometry", "Computed tomography", "Plain radiography", "Mammography",
    "Magnetic resonance imaging", "Nuclear medicine procedure", "Positron emission tomography", "Fluoroscopy",
    "Ultrasonography", "Angiography"})


@dataclass(frozen=True, slots=True, kw_only=True)
class AnatomyRow:
    """A body part and the words that name it in an order."""

    code: Code
    words: re.Pattern[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class ViewRow:
    """A view, the words that name it in an order, and the DICOM modalities that have it."""

    code: Code
    words: re.Pattern[str]
    modalities: frozenset[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class JudgementTables:
    """mappings/insights/."""

    critical: CriticalTable
    age_tolerance: Mapping[AgeUnit, int]
    confidence: Mapping[tuple[str, str], Decimal]
    """By kind of insight and class (empty for the kind as a whole), the share that was right."""
    completeness: tuple[ExaminationRow, ...]
    alike: Mapping[str, str]
    """By concept, the family of what one part of a report may call an opacity and another a pneumonia."""
    order_anatomy: tuple[AnatomyRow, ...]
    order_views: tuple[ViewRow, ...]
    procedures: Mapping[str, str]
    """By the code of a procedure, the words of the order that it stands for."""
    modalities: Mapping[str, Code]
    """By DICOM modality code; the plainest procedure of each."""
    score_titles: Mapping[str, str]
    """By the published name of the scoring system."""
    guidelines: tuple[GuidelineRow, ...]
    measures: tuple[MeasureRow, ...]


def load(mappings: Path) -> JudgementTables:
    """Load the tables, or raise a TableError."""
    folder = mappings / "insights"
    known = {row["code"] for name in ("concepts", "own_concepts") for row in rows(mappings / "nlp" / f"{name}.csv")}
    tolerance = {AgeUnit(r["unit"]): int(r["differs_by"]) for r in rows(folder / "age_tolerance.csv")}
    anatomy = tuple(AnatomyRow(code=Code(system=SNOMED_CT, code=r["code"], display=r["display"]),
                               words=re.compile(rf"\b(?:{r['words']})\b", re.IGNORECASE))
                    for r in rows(folder / "order_anatomy.csv"))
    views = tuple(ViewRow(code=Code(system=RADLEX, code=r["code"], display=r["display"]),
                          words=re.compile(rf"\b(?:{r['words']})\b", re.IGNORECASE),
                          modalities=frozenset(r["modalities"].split())) for r in rows(folder / "order_views.csv"))
    modalities = {r["dicom"]: Code(system=SNOMED_CT, code=r["code"], display=r["display"])
                   for r in rows(mappings / "nlp" / "modalities.csv") if r["display"] in _PLAIN}
    titles = {row["system"]: row["title"] for row in document(mappings / "nlp" / "scores.yaml")["systems"]}
    return JudgementTables(critical=critical.load(mappings), age_tolerance=MappingProxyType(tolerance),
                           confidence=MappingProxyType({(r["kind"], r["of"]): Decimal(r["confidence"])
                                                        for r in rows(folder / "confidence.csv")}),
                           completeness=completeness.load(folder / "completeness.yaml"),
                           alike=MappingProxyType({r["code"]: r["family"] for r in rows(folder / "alike.csv")}),
                           order_views=views,
                           procedures=MappingProxyType({r["code"]: r["words"]
                                                        for r in rows(mappings / "procedures.csv")}),
                           order_anatomy=anatomy, modalities=MappingProxyType(modalities),
                           score_titles=MappingProxyType(titles),
                           guidelines=guidance.load(folder / "guidance", frozenset(known)),
                           measures=quality.load(folder / "quality_measures.yaml", frozenset(known)))
