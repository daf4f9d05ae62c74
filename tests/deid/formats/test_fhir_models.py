"""A canary in every string of every R4B model that the policy speaks of."""

import json
import re

import pytest
from fhir.resources.R4B import get_fhir_model_class

from fhir_adapter import deid, readers
from fhir_adapter import tables as tables_module

KINDS = sorted(tables_module.load().deid.policy.fhir)
FREE = ("valueString", "conclusion", "note", "data", "resourceType")


def filled(kind: str, depth: int = 4) -> dict:
    """The type with every element down to `depth`, each string a canary; free text, which is judged as text, is not."""
    out: dict = {}
    for field in get_fhir_model_class(kind).model_fields.values():
        name, annotation = field.alias, str(field.annotation)
        inner = re.search(r"abc\.(\w+)Type\b", annotation)
        if name in FREE or name == "fhir_comments":
            continue
        if inner:
            if depth and inner[1] not in ("Resource", "ElementDefinition"):
                one = filled(inner[1], depth - 1)
                out[name] = [one] if "List" in annotation else one
        elif "str" in annotation or "bytes" in annotation:
            out[name] = ["Qzxcanary"] if "List" in annotation else "Qzxcanary"
    return out


@pytest.mark.parametrize("kind", KINDS)
def test_no_canary_of_the_model_comes_through(kind, settings, tables):
    """Of a resource with a word in every string, extension, reference and code, also contained, none comes out."""
    resource = filled(kind) | {"resourceType": kind}
    resource["contained"] = [filled(kind, 2) | {"resourceType": kind}]
    root = {"resourceType": "Bundle", "type": "collection", "entry": [
        {"fullUrl": "https://qzxcanary.example/Patient/Qzxcanary", "resource": resource,
         "request": {"method": "PUT", "url": "Patient?name=Qzxcanary"}}]}
    clean = {"resourceType": "Bundle", "type": "collection", "entry": []}
    reader = readers.choose(json.dumps(clean).encode())
    named = reader.named(json.dumps(clean).encode(), settings=settings, tables=tables)
    # Told of no name at all, so that the allow-list alone has to hold.
    out = deid.scrub_message(root, reports=named.reports, settings=settings, tables=tables).decode()
    lines = [line for line in out.splitlines() if "qzx" in line.lower()]
    assert lines == []
