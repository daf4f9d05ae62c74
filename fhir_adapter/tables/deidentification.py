"""The tables that de-identification uses: patterns, ordinary words that are also names, the policy for structures."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

from fhir_adapter.errors import TableError
from fhir_adapter.tables.load import document, rows


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
    """mappings/deid/ and mappings/deid_policy.yaml. `hl7v2` maps `PID-5` to its action, `fhir` maps a resource type to
    its elements' actions; what is not named is dropped.
    """

    protected: tuple[re.Pattern[str], ...]
    patterns: tuple[Pattern, ...]
    common_words: frozenset[str]
    hl7v2: Mapping[str, str]
    fhir: Mapping[str, Mapping[str, str]]


def _compiled(expression: str, rule: str, *, case: bool = False) -> re.Pattern[str]:
    try:
        return re.compile(expression, 0 if case else re.IGNORECASE)
    except re.error:
        raise TableError(f"patterns.yaml:{rule}: the pattern is no regular expression") from None


def load(mappings: Path) -> DeidTables:
    """Load the tables, or raise a TableError."""
    patterns = document(mappings / "deid" / "patterns.yaml")
    policy = document(mappings / "deid_policy.yaml")
    return DeidTables(
        protected=tuple(_compiled(p["pattern"], p["rule"]) for p in patterns["protected"]),
        patterns=tuple(Pattern(recogniser=p["recogniser"], rule=p["rule"], tag=p["tag"], why=p["why"],
                               expression=_compiled(p["pattern"], p["rule"], case=p.get("case", False)))
                       for p in patterns["recognisers"]),
        common_words=frozenset(row["word"] for row in rows(mappings / "deid" / "common_words.csv")),
        hl7v2=MappingProxyType({f"{segment}-{field}": action for segment, fields in policy["hl7v2"].items()
                                for field, action in fields.items()}),
        fhir=MappingProxyType({kind: MappingProxyType(elements) for kind, elements in policy["fhir"].items()}),
    )
