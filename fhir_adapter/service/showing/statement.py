"""What a resource says, in one sentence for a person."""

import re
from collections.abc import Mapping
from typing import Any

Resource = Mapping[str, Any]


def statement(resource: Resource) -> str:
    """One sentence: a Flag and a request in their own words, an Observation by what was found, where, how big."""
    match resource.get("resourceType"):
        case "Flag":
            return _text(resource.get("code"))
        case "ServiceRequest":
            note = next((str(one.get("text", "")) for one in resource.get("note", ())), "")
            return ": ".join(filter(None, (_text(resource.get("code")), note)))
        case "Communication":
            return next((str(one.get("contentString", "")) for one in resource.get("payload", ())), "")
        case "Observation":
            return _observation(resource)
        case kind:
            return str(kind or "")


def _observation(resource: Resource) -> str:
    name = coded(resource.get("code")) or _text(resource.get("code"))
    value = _spelled(coded(resource.get("valueCodeableConcept"))) or str(resource.get("valueString", ""))
    where = coded(resource.get("bodySite"))
    site = _within(where)
    parts: list[str] = []
    sizes: list[tuple[str, str, bool]] = []
    for component in resource.get("component", ()):
        if "valueQuantity" in component:
            quantity = component["valueQuantity"]
            sizes.append((f"{quantity.get('comparator', '')}{quantity.get('value', '')}", str(quantity.get("unit", "")),
                          "interpretation" in component))
        elif coded(component.get("code")).lower() == "laterality":
            site = " ".join(filter(None, (coded(component.get("valueCodeableConcept")).lower(), site)))
        else:
            one = coded(component.get("valueCodeableConcept")) or str(component.get("valueString", ""))
            parts += [one.lower()] if one and one != where else []
    told = [" in ".join(filter(None, (value, site)))] if value or site else []
    for previous in (False, True):
        some = [(number, unit) for number, unit, before in sizes if before is previous]
        if some:
            size = f"{' x '.join(number for number, _ in some)} {some[0][1]}"
            parts.append(f"{size} before" if previous else size)
    return f"{name}: {', '.join(dict.fromkeys((*told, *parts))) or 'noted'}."


def _spelled(name: str) -> str:
    """`performanceNotMet` as `performance not met`."""
    return re.sub(r"(?<=[a-z])(?=[A-Z])", " ", name).lower()


def _within(name: str) -> str:
    """A name as it stands within a sentence: `Lower lobe of lung` begins small, `L4 vertebra` does not."""
    return name[:1].lower() + name[1:] if name[1:2].islower() else name


def coded(concept: Resource | None) -> str:
    """The display of the first coding that has one, else the words, else the code."""
    if not concept:
        return ""
    codings = concept.get("coding", ())
    for one in codings:
        if named := one.get("display"):
            return str(named)
    return _text(concept) or (str(codings[0].get("code", "")) if codings else "")


def _text(concept: Resource | None) -> str:
    if not concept:
        return ""
    if text := concept.get("text"):
        return str(text)
    codings = concept.get("coding", ())
    return str(codings[0].get("display") or codings[0].get("code", "")) if codings else ""
