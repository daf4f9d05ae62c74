"""Narrative written anew from what stayed of a resource (FHIR R4, 2.4: text.div is XHTML)."""

from collections.abc import Iterator, Mapping
from html import escape

from fhir_adapter.deid.formats.fhir.types import Node
from fhir_adapter.model.report import JSON

_TOLD = ("status", "gender", "birthDate", "code", "type", "valueString", "valueCodeableConcept", "effectiveDateTime",
         "date", "conclusion", "description")


def generated(resource: Mapping[str, JSON], words: str = "") -> Node:
    """The Narrative of a resource that is scrubbed already; `words`, scrubbed too, are a narrative's own."""
    told = [f"{resource['resourceType']}: {'; '.join(_facts(resource))}".removesuffix(": "), *words.split("\n")]
    body = "".join(f"<p>{escape(line.strip(), quote=False)}</p>" for line in told if line.strip())
    return {"status": "additional" if words else "generated",
            "div": f'<div xmlns="http://www.w3.org/1999/xhtml">{body}</div>'}


def _facts(resource: Mapping[str, JSON]) -> Iterator[str]:
    for element in _TOLD:
        value = resource.get(element)
        if isinstance(value, str):
            yield value
        elif isinstance(value, dict):
            codings = value.get("coding")
            first = codings[0] if isinstance(codings, list) and codings else {}
            said = value.get("text") or (first.get("display") if isinstance(first, dict) else "")
            if isinstance(said, str) and said:
                yield said
