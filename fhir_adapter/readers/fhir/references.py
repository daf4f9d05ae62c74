"""References followed inside one input: Bundle entries by fullUrl or type and id, and contained resources."""

from collections.abc import Iterator
from dataclasses import dataclass, field

from fhir_adapter.readers.fhir.parse import Node, objects, string


@dataclass(frozen=True, slots=True, kw_only=True)
class Located:
    """A resource and where it stands, as in `Bundle.entry[3].resource`."""

    resource: Node
    where: str


@dataclass(slots=True)
class Index:
    """The resources of one input; `resources` in document order."""

    resources: list[Located] = field(default_factory=list)
    by_key: dict[str, Located] = field(default_factory=dict)

    def of(self, kind: str) -> Iterator[Located]:
        """Every resource of one type."""
        return (located for located in self.resources if located.resource.get("resourceType") == kind)

    def follow(self, reference: object, base: Located) -> Located | None:
        """What a Reference leads to, or None: contained (`#x`), full URL, `Type/id`, or by identifier."""
        if not isinstance(reference, dict):
            return None
        literal = string(reference.get("reference"))
        if literal.startswith("#"):
            for number, contained in enumerate(objects(base.resource.get("contained"))):
                if f"#{contained.get('id')}" == literal:
                    return Located(resource=contained, where=f"{base.where}.contained[{number}]")
            return None
        literal = literal.split("/_history/")[0]
        found = self.by_key.get(literal) or self.by_key.get("/".join(literal.split("/")[-2:]))
        identifier = reference.get("identifier")
        if found is None and isinstance(identifier, dict):
            found = self.by_key.get(f"{identifier.get('system')}|{identifier.get('value')}")
        return found


def index(root: Node) -> Index:
    """All resources of a Bundle (nested Bundles too) or the single resource."""
    out = Index()

    def add(resource: Node, where: str, full_url: str) -> None:
        located = Located(resource=resource, where=where)
        out.resources.append(located)
        keys = [full_url, f"{resource.get('resourceType')}/{resource.get('id')}"]
        keys += [f"{i.get('system')}|{i.get('value')}" for i in objects(resource.get("identifier"))]
        for key in keys:
            if key:
                out.by_key.setdefault(key, located)
        if resource.get("resourceType") == "Bundle":
            for number, entry in enumerate(objects(resource.get("entry"))):
                inner = entry.get("resource")
                if isinstance(inner, dict):
                    add(inner, f"{where}.entry[{number}].resource", string(entry.get("fullUrl")))

    add(root, str(root.get("resourceType")), "")
    return out
