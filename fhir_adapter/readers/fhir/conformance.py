"""
FHIR R4 conformance: the models of fhir.resources, and what they leave out.

Checked: structure, types, cardinality (R4B models, the same as R4 for the resources read here), required status codes
by those models, references inside the Bundle, periods in order. Not checked: terminology, profiles, invariants.
"""

from collections.abc import Iterator
from typing import Any

from fhir_adapter.issues import Issue
from fhir_adapter.readers.fhir.parse import Node, objects, string
from fhir_adapter.readers.fhir.references import index


def judge(root: Node) -> tuple[Issue, ...]:
    """Everything that does not conform, each with its path; never with a value."""
    return (*_structure(root), *_references(root), *_periods(root, str(root.get("resourceType"))))


def _structure(root: Node) -> Iterator[Issue]:
    from fhir.resources.R4B import get_fhir_model_class
    from pydantic import ValidationError

    kind = str(root.get("resourceType"))
    try:
        model: Any = get_fhir_model_class(kind)
    except (KeyError, LookupError):
        yield Issue.at("FHIR-202", kind)
        return
    try:
        model.model_validate(root)
    except ValidationError as error:
        for one in error.errors(include_input=False, include_url=False, include_context=False):
            path = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in one["loc"])
            yield Issue.at("FHIR-208", f"{kind}{path}")
    except (TypeError, ValueError):
        yield Issue.at("FHIR-208", kind)


def _references(root: Node) -> Iterator[Issue]:
    if root.get("resourceType") != "Bundle":
        return
    found = index(root)
    for located in found.resources[1:]:
        for element, value in located.resource.items():
            for number, reference in enumerate(objects(value)):
                if string(reference.get("reference")) and found.follow(reference, located) is None:
                    yield Issue.at("FHIR-209", f"{located.where}.{element}[{number}]")


def _periods(node: object, where: str) -> Iterator[Issue]:
    pending: list[tuple[object, str]] = [(node, where)]
    while pending:
        here, place = pending.pop()
        if isinstance(here, dict):
            start, end = string(here.get("start")), string(here.get("end"))
            if start and end and start[:10] > end[:10]:
                yield Issue.at("FHIR-212", place)
            pending += [(value, f"{place}.{key}") for key, value in here.items()]
        elif isinstance(here, list):
            pending += [(value, f"{place}[{number}]") for number, value in enumerate(here)]
