"""
hl7/tables/field_actions.csv and type_actions.csv from hl7apy's tables (MIT) of HL7 v2.1 to 2.8.2.

    python -m generate.hl7v2_actions

Every field of every segment and every component of every data type gets the action that de-identification takes, from
its data type and its name. Where versions differ in the type of a field, the newest type with components decides. What
no rule lets through is dropped.
"""

import csv
import importlib
import re
from pathlib import Path

VERSIONS = ("2_1", "2_2", "2_3", "2_3_1", "2_4", "2_5", "2_5_1", "2_6", "2_7", "2_8", "2_8_1", "2_8_2")
TABLES = Path(__file__).parent.parent / "hl7" / "tables"

SIMPLE = {"SI": "number", "NM": "number", "DT": "date", "DTM": "date", "TM": "time", "ID": "code", "IS": "code",
          "ST": "drop", "TX": "drop", "FT": "drop", "TN": "drop", "SNM": "drop", "varies": "drop", "WD": "drop"}
NUMBERED = re.compile(r"PLACER|FILLER|ACCESSION|CONTROL_ID|UNIQUE|ORDER_NUMBER")
IDENTIFYING = re.compile(
    r"PHONE|TELEPHONE|FAX|MAIL|SSN|SOCIAL|LICEN|ADDRESS|STREET|CITY|CONTACT|EMPLOYER|COUNTY|ROOM|BED|BUILDING|FLOOR|"
    r"FACILITY|LOCATION|POINT_OF_CARE|UNIT_STATION|KLINIK|ZENTRUM|ETAGE|IDENTIFIER_NUMBER|POLICY|ACCOUNT_NUMBER|"
    r"(?<!TYPE_OF_)ID_NUMBER$|^PATIENT_ID|NAME$")
TYPED = {
    # The composite types whose components identify; what is not named here follows the rule of its simple type.
    "CX": {1: "patient", 2: "drop", 3: "code", 5: "code", 7: "drop", 8: "drop"},
    "CK": {1: "patient", 2: "drop"}, "CM_PAT_ID": {1: "patient", 2: "drop", 4: "place"},
    "CM_PAT_ID_0192": {1: "patient", 2: "drop"}, "CK_ACCOUNT_NO": {1: "patient", 2: "drop"},
    "XPN": {2: "drop", 6: "code", 7: "code"}, "PN": {1: "name", 6: "code"}, "FN": {1: "name"},
    "XCN": {1: "person", 7: "code", 8: "code", 13: "code"}, "CN": {1: "person", 2: "name", 7: "code", 8: "code"},
    "PPN": {1: "person"}, "CNN": {1: "person", 2: "name", 7: "code"}, "CN_SIMPLE": {1: "person", 2: "name"},
    "EI": {1: "request", 2: "place", 3: "uid", 4: "code"}, "HD": {1: "place", 2: "uid", 3: "code"},
    "CM_PLACER": {1: "request", 2: "place"}, "CM_FILLER": {1: "request", 2: "place"},
    "CM_EIP": {1: "request", 2: "request"},
    "XON": {1: "place", 2: "code", 3: "drop", 7: "code", 10: "place"},
    "XAD": {4: "state", 5: "zip", 6: "country", 7: "code", 9: "drop", 10: "drop"},
    "AD": {4: "state", 5: "zip", 6: "country", 7: "code"},
    "PL": {1: "place", 2: "place", 3: "place", 4: "place", 5: "code", 6: "code", 7: "place", 8: "place"},
    "CM_INTERNAL_LOCATION": {1: "place", 2: "place", 3: "place", 4: "place", 7: "place"},
    "XTN": {2: "code", 3: "code"}, "TS": {1: "date", 2: "drop"},
    **{t: {1: "code", 2: "words", 3: "code", 4: "code", 5: "words", 6: "code", 9: "words"}
       for t in ("CE", "CWE", "CNE", "CF")},
    "CQ": {1: "number"}, "SN": {1: "comparator", 2: "number", 3: "comparator", 4: "number"},
    "VID": {1: "version"}, "MSG": {}, "PT": {1: "code", 2: "code"},
}
FIELDS = {
    "MSH-1": "keep", "MSH-2": "keep", "MSH-8": "mode", "MSH-9": "code", "MSH-10": "request", "MSH-12": "version",
    "FHS-1": "keep", "FHS-2": "keep", "BHS-1": "keep", "BHS-2": "keep", "NTE-3": "text", "OBR-13": "text",
    "OBX-2": "code", "OBX-4": "number", "OBX-5": "observation", "OBX-6": "units", "OBX-7": "range", "DG1-4": "words",
    "OBR-18": "request", "OBR-19": "request", "OBR-20": "request", "OBR-21": "request", "OBR-15": "words",
    "PID-7": "birth", "PID-29": "date", "PV1-19": "type", "TXA-16": "drop", "PID-23": "drop", "MSA-2": "request",
    "MSA-3": "drop", "ZDS-1": "uid", "IPC-3": "uid",
}


def main() -> None:
    """Write both tables, a row for each segment and each type: `5=XPN` is a data type, `8=code` an action."""
    fields: dict[str, dict[int, list[tuple[str, str, bool]]]] = {"ZDS": {1: [("RP", "STUDY_INSTANCE_UID", False)]}}
    parts: dict[str, dict[int, list[tuple[str, str]]]] = {}
    for version in VERSIONS:
        required = {part[0] for definition in importlib.import_module(f"hl7apy.v{version}.segments").SEGMENTS.values()
                    for part in (definition[1] if len(definition) > 1 else ())
                    if len(part) > 2 and isinstance(part[0], str) and isinstance(part[2], tuple) and part[2][0] > 0}
        for name, reference in importlib.import_module(f"hl7apy.v{version}.fields").FIELDS.items():
            segment, _, number = name.rpartition("_")
            if number.isdigit():
                fields.setdefault(segment, {}).setdefault(int(number), []).append(
                    (reference[2] or "varies", reference[3] or "", name in required))
        for name, reference in importlib.import_module(f"hl7apy.v{version}.datatypes").DATATYPES.items():
            kind, _, number = name.rpartition("_")
            if number.isdigit():
                parts.setdefault(kind, {}).setdefault(int(number), []).append((reference[2], reference[3] or ""))
    composite = set(parts)
    rows = []
    for segment, numbered in sorted(fields.items()):
        actions = []
        for number, seen in sorted(numbered.items()):
            kind = _newest([t for t, _, _ in seen], composite)
            action = FIELDS.get(f"{segment}-{number}") or _action(kind, seen[-1][1], composite)
            if action == "drop" and any(must for *_, must in seen):
                action = "opaque"  # a required field keeps a value
            actions.append(f"{number}={kind if action == 'type' else action}")
        rows.append((segment, " ".join(actions)))
    _write("field_actions.csv", ("segment", "fields"), rows)
    rows = []
    for kind, numbered_parts in sorted(parts.items()):
        actions = []
        for number, seen_parts in sorted(numbered_parts.items()):
            inner = _newest([t for t, _ in seen_parts], composite)
            action = TYPED.get(kind, {}).get(number) or _action(inner, seen_parts[-1][1], composite)
            actions.append(f"{number}={inner if action == 'type' else action}")
        rows.append((kind, " ".join(actions)))
    _write("type_actions.csv", ("type", "components"), rows)


def _write(name: str, header: tuple[str, str], rows: list[tuple[str, str]]) -> None:
    with (TABLES / name).open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(header)
        writer.writerows(rows)


def _newest(kinds: list[str], composite: set[str]) -> str:
    return next((k for k in reversed(kinds) if k in composite), next((k for k in reversed(kinds) if k != "WD"), "WD"))


def _action(kind: str, name: str, composite: set[str]) -> str:
    if kind in composite:
        return "type"
    if NUMBERED.search(name) and kind in ("ST", "ID", "EI"):
        return "request"
    if kind in ("ID", "IS", "NM", "SI") and IDENTIFYING.search(name):
        return "drop"
    return SIMPLE.get(kind, "drop")


if __name__ == "__main__":
    main()
