"""The tables that de-identification uses: patterns, ordinary words that are also names, the policy for structures."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

from fhir_adapter.errors import TableError
from fhir_adapter.tables import words
from fhir_adapter.tables.load import document, rows
from fhir_adapter.tables.words import WordLists


@dataclass(frozen=True, slots=True, kw_only=True)
class Pattern:
    """One pattern of a recogniser; where it has a group `value`, that part alone is replaced."""

    recogniser: str
    rule: str
    tag: str
    why: str
    expression: re.Pattern[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class DeidTables:
    """mappings/deid/, mappings/deid_policy.yaml and the actions in hl7/tables/.

    `hl7v2` maps a segment to the actions of its fields, counted from 1; an action is a word of the table or a data
    type, whose components `hl7v2_types` gives in the same way. `fhir` maps a resource type to its elements' actions.
    What is not named is dropped.
    """

    protected: tuple[re.Pattern[str], ...]
    patterns: tuple[Pattern, ...]
    common_words: frozenset[str]
    words: WordLists
    descriptor_words: frozenset[str]
    dicom: Mapping[int, tuple[str, frozenset[str]]]
    """By tag: the action of the basic profile and the options that speak of it."""
    hl7v2: Mapping[str, tuple[str, ...]]
    hl7v2_types: Mapping[str, tuple[str, ...]]
    fhir: Mapping[str, Mapping[str, str]]
    fhir_extensions: Mapping[str, str]
    """By URL of an extension, modifier or not, the action of its value."""
    sparse_zip: frozenset[str]
    """First three digits of ZIP codes that fewer than 20,000 people share."""


def _compiled(expression: str, rule: str, *, case: bool = False) -> re.Pattern[str]:
    try:
        return re.compile(expression, 0 if case else re.IGNORECASE)
    except re.error:
        raise TableError(f"patterns.yaml:{rule}: the pattern is no regular expression") from None


def _actions(path: Path, key: str, column: str) -> dict[str, tuple[str, ...]]:
    out = {}
    for row in rows(path):
        numbered = {int(n): action for n, _, action in (part.partition("=") for part in row[column].split())}
        out[row[key]] = tuple(numbered.get(n, "drop") for n in range(max(numbered) + 1))
    return out


def _hl7v2(policy: Mapping[str, Mapping[int, str]], hl7: Path) -> tuple[dict[str, tuple[str, ...]], ...]:
    types = _actions(hl7 / "tables" / "type_actions.csv", "type", "components")
    fields = _actions(hl7 / "tables" / "field_actions.csv", "segment", "fields")
    for segment, chosen in policy.items():
        actions = list(fields.get(segment, ("drop",)))
        actions += ["drop"] * (max(chosen) + 1 - len(actions))
        for number, action in chosen.items():
            actions[number] = action
        fields[segment] = tuple(actions)
    for name, row in (*fields.items(), *types.items()):
        for number, action in enumerate(row):
            if action.isupper() and action not in types:
                raise TableError(f"field_actions.csv:{name}-{number}: the data type has no row in type_actions.csv")
    return fields, types


def load(mappings: Path, hl7: Path) -> DeidTables:
    """Load the tables, or raise a TableError."""
    patterns = document(mappings / "deid" / "patterns.yaml")
    policy = document(mappings / "deid_policy.yaml")
    fields, types = _hl7v2(policy["hl7v2"], hl7)
    return DeidTables(
        sparse_zip=frozenset(row["zip3"] for row in rows(mappings / "deid" / "sparse_zip.csv")),
        descriptor_words=frozenset(word for row in rows(mappings / "deid" / "descriptor_words.csv")
                                   for word in row["words"].split()),
        protected=tuple(_compiled(p["pattern"], p["rule"]) for p in patterns["protected"]),
        patterns=tuple(Pattern(recogniser=p["recogniser"], rule=p["rule"], tag=p["tag"], why=p["why"],
                               expression=_compiled(p["pattern"], p["rule"], case=p.get("case", False)))
                       for p in patterns["recognisers"]),
        common_words=frozenset(row["word"] for row in rows(mappings / "deid" / "common_words.csv")),
        words=words.load(mappings / "deid"),
        dicom=MappingProxyType({int(row["tag"], 16): (row["action"], frozenset(row["options"].split()))
                                for row in rows(mappings / "deid" / "dicom_profile.csv")}),
        hl7v2=MappingProxyType(fields),
        hl7v2_types=MappingProxyType(types),
        fhir_extensions=MappingProxyType(dict(policy["fhir_extensions"])),
        fhir=MappingProxyType({kind: MappingProxyType(elements) for kind, elements in policy["fhir"].items()}),
    )
