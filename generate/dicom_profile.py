"""
mappings/deid/dicom_profile.csv: DICOM PS3.15 table E.1-1, edition 2026c, with the option columns as far as known.

    python -m generate.dicom_profile confidentiality_profile_attributes.json

Tags and basic profile come from dicom-anonymizer 2.1.0 (BSD-3-Clause), the option columns from that JSON file of
innolitics/dicom-standard (MIT). Repeating groups (50xx, 60xx) are code, not rows.
"""

import csv
import importlib
import json
import re
import sys
from pathlib import Path

TARGET = Path(__file__).parent.parent / "mappings" / "deid" / "dicom_profile.csv"
_LISTS = {"D_TAGS": "D", "Z_TAGS": "Z", "X_TAGS": "X", "U_TAGS": "U", "Z_D_TAGS": "Z/D", "X_Z_TAGS": "X/Z",
          "X_D_TAGS": "X/D", "X_Z_D_TAGS": "X/Z/D", "X_Z_U_STAR_TAGS": "X/Z/U*"}
_OPTIONS = {"rtnLongModifDatesOpt": "dates", "cleanDescOpt": "descriptors", "rtnPatCharsOpt": "patient",
            "cleanStructContOpt": "structure"}


def main() -> None:
    """Write the table."""
    module = importlib.import_module("dicomanonymizer.dicom_anonymization_databases.dicomfields_2026c")
    options = {row["id"].upper(): row for row in json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))}
    rows: dict[str, tuple[str, str, str]] = {}
    for name, action in _LISTS.items():
        for tag in getattr(module, name, ()):
            if len(tag) == 2:
                rows[f"{tag[0]:04X}{tag[1]:04X}"] = (action, "", "dicom-anonymizer 2.1.0")
    for tag, row in options.items():
        if re.fullmatch(r"[0-9A-F]{8}", tag):
            chosen = " ".join(word for key, word in _OPTIONS.items() if row.get(key))
            action = rows[tag][0] if tag in rows else row["basicProfile"]
            rows[tag] = (action, chosen, "dicom-standard")
    with TARGET.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(("tag", "action", "options", "source"))
        writer.writerows((tag, *row) for tag, row in sorted(rows.items()))


if __name__ == "__main__":
    main()
