"""
hl7/tables/field_names.csv: what the standard calls each field, from hl7apy's tables (MIT) of HL7 v2.1 to 2.8.2.

    python -m generate.hl7v2_names

One row a segment, the names of its fields in order, separated by `|`. Where versions differ the newest decides.
"""

import csv
import importlib

from generate.hl7v2_actions import TABLES, VERSIONS

CAPITALS = {"Id": "ID", "Uid": "UID", "Ssn": "SSN", "Hl7": "HL7", "Vip": "VIP", "Dea": "DEA"}


def main() -> None:
    """Write the table."""
    names: dict[str, dict[int, str]] = {"ZDS": {1: "Study instance UID"}}
    for version in VERSIONS:
        for name, reference in importlib.import_module(f"hl7apy.v{version}.fields").FIELDS.items():
            segment, _, number = name.rpartition("_")
            if number.isdigit() and reference[3]:
                names.setdefault(segment, {})[int(number)] = _readable(reference[3], segment)
    path = TABLES / "field_names.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(("segment", "names"))
        for segment, numbered in sorted(names.items()):
            if len(segment) == 3:
                writer.writerow((segment, "|".join(numbered.get(n, "") for n in range(1, max(numbered) + 1))))
    print(f"{path.name}: {len(names)} segments")


def _readable(name: str, segment: str) -> str:
    """`MOTHER_S_MAIDEN_NAME` as `Mother's maiden name`."""
    spelled = name.replace("_S_", "'s_").replace("SPECIMENT", "SPECIMEN")
    words = [word.capitalize() for word in spelled.split("_") if word]
    first, *rest = [word.upper() if word.upper() == segment else CAPITALS.get(word, word) for word in words]
    return " ".join((first, *(word if word.isupper() else word.lower() for word in rest)))


if __name__ == "__main__":
    main()
