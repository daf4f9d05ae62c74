"""By what stored resources can be found (FHIR R4, 3.1.1), and the topics that a subscriber can choose from."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

from fhir_adapter.tables.load import rows


@dataclass(frozen=True, slots=True, kw_only=True)
class SearchParameter:
    """One parameter of a resource type: `type` is token, reference, date, quantity or string; `paths` lead to it."""

    name: str
    type: str
    paths: tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Topic:
    """A subscription topic of ours: a change of a resource of one of the types."""

    name: str
    types: tuple[str, ...]
    title: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ResultTables:
    """`parameters` by resource type and name; a type that is not here is not served. `topics` by name."""

    parameters: Mapping[str, Mapping[str, SearchParameter]]
    topics: Mapping[str, Topic]


def load(mappings: Path) -> ResultTables:
    """Load the tables, or raise a TableError."""
    found: dict[str, dict[str, SearchParameter]] = {}
    for row in rows(mappings / "search_parameters.csv"):
        paths = tuple(tuple(path.split(".")) for path in row["paths"].split())
        found.setdefault(row["resource"], {})[row["parameter"]] = SearchParameter(
            name=row["parameter"], type=row["type"], paths=paths)
    topics = {row["name"]: Topic(name=row["name"], types=tuple(row["types"].split()), title=row["title"])
              for row in rows(mappings / "subscription_topics.csv")}
    return ResultTables(parameters=MappingProxyType({kind: MappingProxyType(some) for kind, some in found.items()}),
                        topics=MappingProxyType(topics))
