"""The tables that the language engine reads; the rules are in medspaCy's formats."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

from fhir_adapter.errors import TableError
from fhir_adapter.model.code import OWN, SNOMED_CT, Code
from fhir_adapter.model.reading import SectionKind
from fhir_adapter.model.report import Sex
from fhir_adapter.tables.extraction import (
    CommunicationWords,
    MeasurementWords,
    RecommendationWords,
    ScoreRow,
    TechniqueWords,
    communication_words,
    measurement_words,
    recommendation_words,
    score_rows,
    technique_words,
)
from fhir_adapter.tables.load import document, rows

_NOTHING = Code(system=OWN, code="none")


@dataclass(frozen=True, slots=True, kw_only=True)
class TargetRow:
    """One phrase to look for (medspaCy TargetRule); `case` where only this spelling counts; `modality` is DICOM's.

    An IGNORED phrase hides the shorter ones in it ("physiologic uptake", "stroke protocol") and stands for nothing.
    """

    literal: str
    category: str
    code: Code
    example: str
    case: bool = False
    modality: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ContextRow:
    """One cue (medspaCy ConTextRule): how what stands before or after it is meant.

    With `listed`, a TERMINATE cue ends a scope only where no "or" follows: lists go on ("no effusion, large mass or");
    a BACKWARD one bears on nothing before a comma, even in a list ("opacities, atelectasis versus pneumonia"); a
    FORWARD one goes on over commas, as it begins a list ("return for fever, swelling").
    """

    literal: str
    category: str
    direction: str
    max_scope: int | None
    example: str
    listed: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class SiteRow:
    """What is known of a body site: the site that contains it, whether it has two sides, whose it is alone."""

    parent: str
    paired: bool
    sex: Sex | None


@dataclass(frozen=True, slots=True, kw_only=True)
class SexRow:
    """A word that implies the patient's sex, and what sort of word it is."""

    literal: str
    sex: Sex
    kind: str


@dataclass(frozen=True, slots=True, kw_only=True)
class LanguageTables:
    """mappings/nlp/."""

    concepts: Mapping[str, Code]
    targets: tuple[TargetRow, ...]
    context: tuple[ContextRow, ...]
    sections: Mapping[str, SectionKind]
    sites: Mapping[str, SiteRow]
    recommendations: RecommendationWords
    sexes: tuple[SexRow, ...]
    qualifiers: Mapping[str, Code]
    """By the display of the concept, as `Severe`."""
    refinements: Mapping[str, Mapping[str, Code]]
    """What a general finding (by its code) is called at a site (by its code)."""
    abnormal_sites: Mapping[str, Code]
    """What a site (by its code) is called that a report calls abnormal: an enlarged lymph node."""
    sideless: frozenset[str]
    """The findings (by their codes) of the midline, to which no side of the sentence belongs."""
    diffuse: frozenset[str]
    """The findings (by their codes) that have only the side that their own words name: osteopenia."""
    known: frozenset[str]
    """The diseases (by their codes) that an indication names because the patient has them."""
    refined_only: frozenset[str]
    """The adjectives (by their codes) that are a finding only where a site makes them one: "the heart is enlarged"."""
    one_sided: frozenset[str]
    """The sites (by their codes) that are examined one side at a time: limbs, joints, breasts."""
    measurements: MeasurementWords
    scores: tuple[ScoreRow, ...]
    site_words: Mapping[str, Code]
    """The sites of one word, in lower case."""
    communications: CommunicationWords
    technique: TechniqueWords


def load(mappings: Path) -> LanguageTables:
    """Load the tables, or raise a TableError; a rule whose code is no concept of the table is one."""
    folder = mappings / "nlp"
    listed = rows(folder / "concepts.csv")
    concepts = {r["code"]: Code(system=SNOMED_CT, code=r["code"], display=r["display"]) for r in listed}
    concepts |= {r["code"]: Code(system=OWN, code=r["code"], display=r["display"])
                 for r in rows(folder / "own_concepts.csv")}

    def concept(code: str, where: str) -> Code:
        if code not in concepts:
            raise TableError(f"{where}: the code {code} has no row in concepts.csv or own_concepts.csv")
        return concepts[code]

    targets = tuple(
        TargetRow(literal=r["literal"], category=r["category"],
                  code=(_NOTHING if r["category"] == "IGNORED"
                        else concept(r["metadata"]["code"], f"targets.json:{r['literal']}")),
                  example=r["metadata"]["example"],
                  case=r["metadata"].get("case", False), modality=r["metadata"].get("modality", ""))
        for r in document(folder / "targets.json")["target_rules"])
    context = tuple(
        ContextRow(literal=r["literal"], category=r["category"], direction=r["direction"],
                   max_scope=r.get("max_scope"), example=r["metadata"]["example"],
                   listed=r["metadata"].get("list", False))
        for r in document(folder / "context.json")["context_rules"])
    refinements: dict[str, dict[str, Code]] = {}
    for row in rows(folder / "refinements.csv"):
        for column in ("concept", "site"):
            concept(row[column], "refinements.csv")
        refinements.setdefault(row["concept"], {})[row["site"]] = concept(row["refined"], "refinements.csv")
    traits: dict[str, set[str]] = {}
    for row in rows(folder / "traits.csv"):
        traits.setdefault(row["trait"], set()).add(concept(row["concept"], "traits.csv").code)
    for row in rows(folder / "modalities.csv"):
        concept(row["code"], "modalities.csv")
    return LanguageTables(
        concepts=MappingProxyType(concepts),
        targets=targets,
        context=context,
        sections=MappingProxyType({r["literal"]: SectionKind(r["category"])
                                   for r in document(folder / "sections.json")["section_rules"]}),
        sites=MappingProxyType({concept(r["code"], "sites.csv").code: SiteRow(
            parent=r["parent"], paired=r["paired"] == "true", sex=Sex(r["sex"]) if r["sex"] else None)
            for r in rows(folder / "sites.csv")}),
        recommendations=recommendation_words(folder),
        sexes=tuple(SexRow(literal=r["literal"], sex=Sex(r["sex"]), kind=r["kind"])
                    for r in rows(folder / "sexes.csv")),
        qualifiers=MappingProxyType({r["display"]: concepts[r["code"]] for r in listed if r["kind"] == "qualifier"}),
        refinements=MappingProxyType(refinements),
        abnormal_sites=MappingProxyType({concept(r["site"], "abnormal_sites.csv").code:
                                         concept(r["concept"], "abnormal_sites.csv")
                                         for r in rows(folder / "abnormal_sites.csv")}),
        sideless=frozenset(traits["sideless"]),
        diffuse=frozenset(traits["diffuse"]),
        known=frozenset(traits["known"]),
        refined_only=frozenset(traits["refined"]),
        one_sided=frozenset(traits["one-sided"]),
        measurements=measurement_words(folder),
        scores=score_rows(folder),
        site_words=MappingProxyType({t.literal.lower(): t.code for t in targets
                                     if t.category == "SITE" and t.literal.isalpha()}),
        communications=communication_words(folder),
        technique=technique_words(folder),
    )
