"""
What may stay of each structured element: mappings/deid_policy.yaml, hl7/sites/ and the tables made for them.

A row that could not be honoured is a TableError, so that nothing starts that would hide less than someone wrote.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

from fhir_adapter.errors import TableError
from fhir_adapter.tables.load import document, rows

Actions = Mapping[str, tuple[str, ...]]
"""By segment or data type, the action of each field or component, counted from 1."""

_BY_TYPE = {"Reference": {"reference"}, "Identifier": {"id"}, "HumanName": {"name"}, "Address": {"address"},
            "Attachment": {"attachment"}, "ContactPoint": set(), "Annotation": {"text"}, "Signature": set(),
            "dateTime": {"date"}, "date": {"date"}, "Period": {"date"}, "string": {"keep", "text", "uid"},
            "BundleEntry": {"entries"}, "CompositionSection": {"section"}, "DocumentReferenceContent": {"attachment"}}
_LONGEST = 200
"""Fields that a segment may have (HL7 v2: a Z segment as many as a site likes)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """The actions of HL7 v2 fields and types, of FHIR elements and of extensions, and each site's own fields."""

    hl7v2: Actions
    hl7v2_types: Actions
    hl7v2_sites: Mapping[str, Actions]
    """By sending facility (MSH-4.1), the segments that it may have otherwise."""
    fhir: Mapping[str, Mapping[str, str]]
    fhir_extensions: Mapping[str, str]


def load(mappings: Path, hl7: Path) -> Policy:
    """Load and check the policy, or raise a TableError that names file and row."""
    policy = document(mappings / "deid_policy.yaml")
    types = _actions(hl7 / "tables" / "type_actions.csv", "type", "components")
    fields = _actions(hl7 / "tables" / "field_actions.csv", "segment", "fields")
    for name, row in (*fields.items(), *types.items()):
        for number, action in enumerate(row):
            _known(action, types, f"field_actions.csv:{name}-{number}")
    fields |= _chosen(policy["hl7v2"], fields, types, "deid_policy.yaml")
    _check_fhir(policy["fhir"], mappings)
    return Policy(hl7v2=MappingProxyType(fields), hl7v2_types=MappingProxyType(types),
                  hl7v2_sites=MappingProxyType(dict(_sites(hl7 / "sites", fields, types))),
                  fhir=MappingProxyType({k: MappingProxyType(v) for k, v in policy["fhir"].items()}),
                  fhir_extensions=MappingProxyType(policy["fhir_extensions"]))


def _actions(path: Path, key: str, column: str) -> dict[str, tuple[str, ...]]:
    out = {}
    for row in rows(path):
        numbered = {int(n): action for n, _, action in (part.partition("=") for part in row[column].split())}
        out[row[key]] = tuple(numbered.get(n, "drop") for n in range(max(numbered) + 1))
    return out


def _known(action: str, types: Actions, where: str) -> None:
    if action.isupper() and action not in types:
        raise TableError(f"{where}: the data type has no row in type_actions.csv")


def _chosen(wanted: Mapping[str, Mapping[int, str]], fields: Actions, types: Actions,
            file: str) -> dict[str, tuple[str, ...]]:
    """The rows of the segments that someone wants otherwise."""
    out = {}
    for segment, chosen in wanted.items():
        if segment not in fields and not segment.startswith("Z"):
            raise TableError(f"{file}:{segment}: there is no such segment")
        actions = list(fields.get(segment, ("drop",)))
        for number, action in chosen.items():
            if not isinstance(number, int) or not 0 < number <= _LONGEST or (
                    not segment.startswith("Z") and number >= len(actions)):
                raise TableError(f"{file}:{segment}: there is no field {number}")
            _known(action, types, f"{file}:{segment}-{number}")
            actions += ["drop"] * (number + 1 - len(actions))
            actions[number] = action
        out[segment] = tuple(actions)
    return out


def _sites(folder: Path, fields: Actions, types: Actions) -> Iterator[tuple[str, Actions]]:
    seen: dict[str, str] = {}
    for path in sorted(folder.glob("*.yaml")):
        site = document(path, schema=folder / "site.schema.json")
        rows_of_site = MappingProxyType(_chosen(site.get("deid", {}), fields, types, f"sites/{path.name}"))
        for facility in site["sending_facility"]:
            if facility in seen:
                raise TableError(f"sites/{path.name}:sending_facility: {seen[facility]} speaks of the same one")
            seen[facility] = path.name
            yield facility, rows_of_site


def _check_fhir(policy: Mapping[str, Mapping[str, str]], mappings: Path) -> None:
    elements = {row["type"]: dict(pair.split("=") for pair in row["elements"].split())
                for row in rows(mappings / "deid" / "fhir_elements.csv")}
    for kind, rules in policy.items():
        if kind not in elements:
            raise TableError(f"deid_policy.yaml:fhir/{kind}: there is no such resource type in R4")
        for element, action in rules.items():
            where = f"deid_policy.yaml:fhir/{kind}/{element}"
            if element not in elements[kind]:
                raise TableError(f"{where}: the type has no such element in R4")
            held = elements[kind][element]
            if action not in {"drop"} | _BY_TYPE.get(held, {"keep"}):
                raise TableError(f"{where}: {action} cannot be done with the type {held}")
