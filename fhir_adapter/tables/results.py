"""By what stored resources can be found (FHIR R4, 3.1.1), and the topics that a subscriber can choose from."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from zlib import crc32

from fhir_adapter.errors import TableError
from fhir_adapter.tables.load import rows


@dataclass(frozen=True, slots=True, kw_only=True)
class Element:
    """What a value that is searched for stands in: a path in a resource type, read as token, reference, date, quantity
    or string. Several parameters may look at one element; `number` stands for it in the store."""

    number: int
    type: str
    path: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class SearchParameter:
    """One parameter of a resource type: `type` is token, reference, date, quantity or string."""

    name: str
    type: str
    elements: tuple[Element, ...]

    @property
    def numbers(self) -> tuple[int, ...]:
        """The numbers of its elements."""
        return tuple(one.number for one in self.elements)


@dataclass(frozen=True, slots=True, kw_only=True)
class Topic:
    """A subscription topic of ours: a change of a resource of one of the types."""

    name: str
    types: tuple[str, ...]
    title: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ResultTables:
    """`parameters` by resource type and name; a type that is not here is not served. `elements`: each once, by type.
    `topics` by name."""

    parameters: Mapping[str, Mapping[str, SearchParameter]]
    elements: Mapping[str, tuple[Element, ...]]
    topics: Mapping[str, Topic]


def load(mappings: Path) -> ResultTables:
    """Load the tables, or raise a TableError."""
    found: dict[str, dict[str, SearchParameter]] = {}
    for row in rows(mappings / "search_parameters.csv"):
        elements = tuple(_element(row["resource"], row["type"], path) for path in row["paths"].split())
        found.setdefault(row["resource"], {})[row["parameter"]] = SearchParameter(
            name=row["parameter"], type=row["type"], elements=elements)
    topics = {row["name"]: Topic(name=row["name"], types=tuple(row["types"].split()), title=row["title"])
              for row in rows(mappings / "subscription_topics.csv")}
    each = {kind: tuple(dict.fromkeys(element for one in some.values() for element in one.elements))
            for kind, some in found.items()}
    numbers = [element.number for some in each.values() for element in some]
    if len(set(numbers)) < len(numbers):
        raise TableError("search_parameters.csv: two elements have the same number; name one of them otherwise")
    return ResultTables(parameters=MappingProxyType({kind: MappingProxyType(some) for kind, some in found.items()}),
                        elements=MappingProxyType(each), topics=MappingProxyType(topics))


def _element(resource: str, type_: str, path: str) -> Element:
    # Made of the names and of nothing else, so that it stays what it is whatever rows are added to the table.
    number = crc32(f"{resource} {type_} {path}".encode()) & 0x7FFFFFFF
    return Element(number=number, type=type_, path=tuple(path.split(".")))
