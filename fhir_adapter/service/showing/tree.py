"""A FHIR resource as a tree whose branches have the names that issues and evidence use."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from fhir_adapter.model.report import JSON
from fhir_adapter.service.showing.report import inert

_LONG = 400


@dataclass(frozen=True, slots=True, kw_only=True)
class Node:
    """One element: its key, its place (`Bundle.entry[0].resource.status`), a value or what is below it."""

    key: str
    place: str
    value: str
    long: bool
    wrong: tuple[str, ...]
    below: tuple["Node", ...]


def tree(resource: JSON, *, wrong: Sequence[tuple[str, str]]) -> tuple[Node, ...]:
    """The elements of a resource; `wrong` are places and codes of issues."""
    root = str(resource.get("resourceType", "")) if isinstance(resource, dict) else ""
    return tuple(_nodes(resource, root, wrong))


def _nodes(value: JSON, place: str, wrong: Sequence[tuple[str, str]]) -> Iterator[Node]:
    if isinstance(value, dict):
        for key, below in value.items():
            yield _node(str(key), below, f"{place}.{key}" if place else str(key), wrong)
    elif isinstance(value, list):
        for number, below in enumerate(value):
            yield _node(f"[{number}]", below, f"{place}[{number}]", wrong)


def _node(key: str, value: JSON, place: str, wrong: Sequence[tuple[str, str]]) -> Node:
    below = tuple(_nodes(value, place, wrong))
    plain = "" if below or value in ({}, []) else inert("null" if value is None else str(value))
    return Node(key=inert(key), place=place, value=plain, long=len(plain) > _LONG, below=below,
                wrong=tuple(dict.fromkeys(code for where, code in wrong if where == place)))
