"""The tables that de-identification uses: patterns, ordinary words that are also names, the policy for structures."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

from fhir_adapter.errors import TableError
from fhir_adapter.tables import deid_policy, words
from fhir_adapter.tables.deid_policy import Policy
from fhir_adapter.tables.load import document, rows
from fhir_adapter.tables.words import WordLists


@dataclass(frozen=True, slots=True, kw_only=True)
class Pattern:
    """One pattern of a recogniser; where it has a group `value`, that part alone is replaced.

    It is tried at each of `cues`, or it runs if one of `words` stands in the text, or if `when` is found in it,
    or near its digits if `number` is found there.
    """

    recogniser: str
    rule: str
    tag: str
    why: str
    expression: re.Pattern[str]
    cues: frozenset[str] = frozenset()
    words: frozenset[str] = frozenset()
    when: re.Pattern[str] | None = None
    number: re.Pattern[str] | None = None


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class DeidTables:
    """mappings/deid/, mappings/deid_policy.yaml and the actions in hl7/tables/."""

    protected: tuple[re.Pattern[str], ...]
    patterns: tuple[Pattern, ...]
    common_words: frozenset[str]
    words: WordLists
    descriptor_words: frozenset[str]
    dicom: Mapping[int, tuple[str, frozenset[str]]]
    """By tag: the action of the basic profile and the options that speak of it."""
    policy: Policy
    sparse_zip: frozenset[str]
    """First three digits of ZIP codes that fewer than 20,000 people share."""


def _compiled(expression: str, rule: str, *, case: bool = False) -> re.Pattern[str]:
    try:
        return re.compile(expression, 0 if case else re.IGNORECASE)
    except re.error:
        raise TableError(f"patterns.yaml:{rule}: the pattern is no regular expression") from None


def load(mappings: Path, hl7: Path) -> DeidTables:
    """Load the tables, or raise a TableError."""
    patterns = document(mappings / "deid" / "patterns.yaml")
    return DeidTables(
        sparse_zip=frozenset(row["zip3"] for row in rows(mappings / "deid" / "sparse_zip.csv")),
        descriptor_words=frozenset(word for row in rows(mappings / "deid" / "descriptor_words.csv")
                                   for word in row["words"].split()),
        protected=tuple(_compiled(p["pattern"], p["rule"]) for p in patterns["protected"]),
        patterns=tuple(Pattern(recogniser=p["recogniser"], rule=p["rule"], tag=p["tag"], why=p["why"],
                               expression=_compiled(p["pattern"], p["rule"], case=p.get("case", False)),
                               cues=frozenset(p.get("cues", ())), words=frozenset(p.get("words", ())),
                               when=_compiled(p["when"], p["rule"], case=True) if "when" in p else None,
                               number=_compiled(p["number"], p["rule"], case=True) if "number" in p else None)
                       for p in patterns["recognisers"]),
        common_words=frozenset(row["word"] for row in rows(mappings / "deid" / "common_words.csv")),
        words=words.load(mappings / "deid"),
        dicom=MappingProxyType({int(row["tag"], 16): (row["action"], frozenset(row["options"].split()))
                                for row in rows(mappings / "deid" / "dicom_profile.csv")}),
        policy=deid_policy.load(mappings, hl7),
    )
