"""What the words of an order say: modality, side, contrast."""

import re

from fhir_adapter.model.code import Code
from fhir_adapter.model.report import Contrast, Order, Side
from fhir_adapter.tables.messages import MessageTables

_DICOM_MODALITIES = {"CR": "DX", "XR": "DX", "RAD": "", "RX": "DX", "NMR": "MR", "RUS": "US", "NMS": "NM", "DR": "DX"}
_KNOWN = {"CT", "MR", "US", "DX", "MG", "PT", "NM", "RF", "XA", "BMD", "OT"}


def describe(*, code: Code | None, text: str, modality: str, tables: MessageTables) -> Order:
    """The order that `text` (procedure name, site words), the sender's modality code and the procedure's code describe.

    A modality that the sender states counts before one that the words name, and the sender's words before those that
    mappings/procedures.csv has for the code. Two different sides mean bilateral.
    """
    coded = tables.procedures.get(code.code, "") if code else ""
    said = _said(text, tables)
    if coded:
        said = {kind: found or _said(coded, tables)[kind] for kind, found in said.items()}
    stated = _DICOM_MODALITIES.get(modality.upper(), modality.upper() if modality.upper() in _KNOWN else "")
    sides = set(said["side"])
    side = None
    if sides:
        side = Side(sides.pop()) if len(sides) == 1 else Side.BILATERAL
    contrast = Contrast(said["contrast"][0]) if said["contrast"] else None
    return Order(code=code, text=text.strip() or coded, modality=stated or (said["modality"] or [""])[0], side=side,
                 contrast=contrast)


def _said(text: str, tables: MessageTables) -> dict[str, list[str]]:
    """What the words name: modalities, sides, contrast, the longest word first."""
    words = f" {re.sub(r'[^a-z0-9/-]+', ' ', text.lower())} "
    found: dict[str, list[str]] = {"modality": [], "side": [], "contrast": []}
    for row in tables.order_words:
        needle = f" {row.word} "
        if needle in words:
            found[row.kind].append(row.value)
            if row.kind == "contrast":
                words = words.replace(needle, " ")
    return found
