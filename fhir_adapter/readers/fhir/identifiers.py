"""Every identifying value that a FHIR input names, with its role."""

from collections.abc import Iterator

from fhir_adapter.model.report import Identifier, IdentifierKind, IdentifierRole
from fhir_adapter.readers.fhir.parse import Node, objects, string
from fhir_adapter.readers.fhir.references import Index

_ROLES = {"Patient": IdentifierRole.PATIENT, "Person": IdentifierRole.PATIENT, "RelatedPerson": IdentifierRole.RELATIVE,
          "Practitioner": IdentifierRole.CLINICIAN, "PractitionerRole": IdentifierRole.CLINICIAN,
          "Organization": IdentifierRole.ORGANISATION, "Location": IdentifierRole.ORGANISATION}
_REFERENCE_ROLES = {"subject": IdentifierRole.PATIENT, "patient": IdentifierRole.PATIENT}


def collect(index: Index) -> tuple[Identifier, ...]:
    """Names, identifiers, telecoms, addresses and birth dates of all resources, contained ones too; each value once."""
    found: dict[tuple[IdentifierKind, str], Identifier] = {}
    for located in index.resources:
        if located.resource.get("resourceType") == "Bundle":
            continue
        for resource in (located.resource, *objects(located.resource.get("contained"))):
            for identifier in _of(resource, located.where):
                found.setdefault((identifier.kind, identifier.value), identifier)
    return tuple(found.values())


def _of(resource: Node, where: str) -> Iterator[Identifier]:
    kind = string(resource.get("resourceType"))
    role = _ROLES.get(kind, IdentifierRole.REQUEST)
    for number, identifier in enumerate(objects(resource.get("identifier"))):
        if value := string(identifier.get("value")):
            uid = value.startswith("urn:oid:")
            sort = IdentifierKind.UID if uid else (
                IdentifierKind.ACCESSION if role is IdentifierRole.REQUEST else IdentifierKind.ID)
            yield Identifier(kind=sort, role=role, value=value.removeprefix("urn:oid:"),
                             where=f"{where}.identifier[{number}]")
    if kind in _ROLES:
        yield from _person(resource, where, role)
        for number, contact in enumerate(objects(resource.get("contact"))):
            yield from _person(contact, f"{where}.contact[{number}]", IdentifierRole.RELATIVE)
    for element, value in resource.items():
        for reference in objects(value):
            yield from _displayed(reference, f"{where}.{element}", _REFERENCE_ROLES.get(element))


def _displayed(reference: Node, where: str, role: IdentifierRole | None) -> Iterator[Identifier]:
    actor = reference.get("actor")
    inner: Node = actor if isinstance(actor, dict) else reference
    display, target = string(inner.get("display")), string(inner.get("reference")) or string(inner.get("type"))
    kind = target.split("/")[-2] if "/" in target else target
    role = role or _ROLES.get(kind)
    if not display or role is None:
        return
    if role is IdentifierRole.ORGANISATION:
        yield Identifier(kind=IdentifierKind.FACILITY, role=role, value=display, where=f"{where}.display")
    else:
        yield named(display, role, f"{where}.display")


def named(words: str, role: IdentifierRole, where: str) -> Identifier:
    """A name of which only the words are known: the last is taken for the family name, unless a comma says other."""
    titles = {"dr", "mr", "mrs", "ms", "prof", "md", "rn", "do", "np", "pa", "phd"}
    family, _, given = words.partition(",")
    tokens = [t for t in family.replace(".", " ").split() if t.lower() not in titles]
    rest = [t for t in given.replace(".", " ").split() if t.lower() not in titles]
    if rest:
        parts = [*(("given", t) for t in rest), ("family", " ".join(tokens))]
    else:
        parts = [*(("given", t) for t in tokens[:-1]), *(("family", t) for t in tokens[-1:])]
    return Identifier(kind=IdentifierKind.NAME, role=role, value=words, where=where, parts=tuple(parts))


def _person(resource: Node, where: str, role: IdentifierRole) -> Iterator[Identifier]:
    name = resource.get("name")
    if isinstance(name, str) and name.strip():
        yield Identifier(kind=IdentifierKind.FACILITY, role=role, value=name.strip(), where=f"{where}.name")
    for number, human in enumerate(objects(name)):
        parts = [("prefix", p) for p in human.get("prefix") or () if isinstance(p, str)]
        parts += [("given", g) for g in human.get("given") or () if isinstance(g, str)]
        if family := string(human.get("family")):
            parts.append(("family", family))
        value = " ".join(v for k, v in parts if k != "prefix")
        if value:
            yield Identifier(kind=IdentifierKind.NAME, role=role, value=value, where=f"{where}.name[{number}]",
                             parts=tuple(parts))
        elif text := string(human.get("text")):
            yield named(text, role, f"{where}.name[{number}].text")
    for number, telecom in enumerate(objects(resource.get("telecom"))):
        if value := string(telecom.get("value")):
            sort = {"email": IdentifierKind.EMAIL, "url": IdentifierKind.URL}.get(string(telecom.get("system")),
                                                                                IdentifierKind.PHONE)
            yield Identifier(kind=sort, role=role, value=value, where=f"{where}.telecom[{number}]")
    for number, address in enumerate(objects(resource.get("address"))):
        lines = [line for line in address.get("line") or () if isinstance(line, str)]
        for value in (*lines, string(address.get("city")), string(address.get("postalCode")),
                      string(address.get("district"))):
            if value:
                yield Identifier(kind=IdentifierKind.ADDRESS, role=role, value=value,
                                 where=f"{where}.address[{number}]")
    if birth := string(resource.get("birthDate")):
        yield Identifier(kind=IdentifierKind.DATE, role=role, value=birth, where=f"{where}.birthDate")
