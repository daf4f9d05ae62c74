"""
mappings/deid/fhir_elements.csv from fhir.resources' R4B models (BSD): the elements of every resource type.

    python -m generate.fhir_elements

A row for each type: `birthDate=date` is an element and its type. The de-identification policy is held against it.
"""

import csv
import importlib
import pkgutil
import re
from pathlib import Path

from fhir.resources import R4B
from fhir.resources.R4B import get_fhir_model_class
from fhir.resources.R4B.domainresource import DomainResource

TABLE = Path(__file__).parent.parent / "mappings" / "deid" / "fhir_elements.csv"
COMMON = ("id", "meta", "implicitRules", "language", "text", "contained", "extension", "modifierExtension",
          "resourceType", "fhir_comments")


def kind_of(annotation: str) -> str:
    """The FHIR type in a field's annotation, as `HumanName` or `dateTime`."""
    named = re.search(r"\b(\w+)Type\b", annotation)
    if named:
        return named[1][0].lower() + named[1][1:] if named[1] in PRIMITIVES else named[1]
    plain = re.search(r"\b(datetime|date|time|bool|int|str|bytes|Decimal|float)\b", annotation)
    return {"datetime": "dateTime", "bool": "boolean", "int": "integer", "str": "string", "bytes": "base64Binary",
            "Decimal": "decimal", "float": "decimal"}.get(plain[1], plain[1]) if plain else "string"


PRIMITIVES = {"String", "Code", "Uri", "Url", "Canonical", "Id", "Oid", "Uuid", "Markdown", "Date", "DateTime",
              "Instant", "Time", "Boolean", "Integer", "Decimal", "PositiveInt", "UnsignedInt", "Base64Binary"}


def main() -> None:
    """Write the table."""
    rows = []
    for module in pkgutil.iter_modules(R4B.__path__):
        if module.name.startswith("_") or module.ispkg:
            continue
        for name, value in vars(importlib.import_module(f"fhir.resources.R4B.{module.name}")).items():
            if isinstance(value, type) and ((issubclass(value, DomainResource) and value is not DomainResource)
                                            or name == "Bundle") and name.lower() == module.name:
                fields = get_fhir_model_class(name).model_fields
                told = [f"{f.alias}={kind_of(str(f.annotation))}" for f in fields.values()
                        if f.alias and f.alias not in COMMON and not f.alias.startswith("_")]
                rows.append((name, " ".join(told)))
    with TABLE.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(("type", "elements"))
        writer.writerows(sorted(set(rows)))


if __name__ == "__main__":
    main()
