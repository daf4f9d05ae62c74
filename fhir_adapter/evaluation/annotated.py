"""A report that people annotated, and the report as a reader would have made it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from fhir_adapter.model.code import CPT, LOINC, Code
from fhir_adapter.model.report import Contrast, Order, Origin, Patient, Report, Sex, Side
from fhir_adapter.model.span import Span

Record = Mapping[str, Any]
"""One JSON object of a gold file that its schema has passed; Any because the schema has looked, not mypy."""

DIMENSIONS = ("modality", "sex", "age", "site", "style")
_SYSTEMS = {"CPT": CPT, "LOINC": LOINC}
_MODALITIES = {"XR": "DX", "CR": "DX", "FL": "RF", "DXA": "BMD"}
_AGES = ((18, "0-17"), (40, "18-39"), (65, "40-64"), (80, "65-79"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Annotated:
    """A report, what people found in it (only the kinds they looked for), and the subgroups that it belongs to.

    `digest` tells whether two runs speak of the same text and annotations.
    """

    identity: str
    report: Report
    gold: Mapping[str, Sequence[Record]]
    groups: Mapping[str, str]
    digest: str


def annotated(record: Record, digest: str) -> Annotated:
    """A record that the schema has passed, as the report that a reader would have made of its message."""
    patient, order = record.get("patient") or {}, record.get("order") or {}
    born, served = _date(patient.get("birthDate")), _date(record.get("serviceDate"))
    sex, side, contrast = patient.get("sex"), order.get("laterality"), order.get("contrast")
    code, display = order.get("code") or "", order.get("display") or ""
    report = Report(
        text=record["text"], origin=Origin(format="gold", message_id=record["id"], identity=record["id"]),
        patient=Patient(key=record["id"], sex=Sex(sex) if sex in set(Sex) else Sex.UNKNOWN, birth_date=born),
        order=Order(code=Code(system=_SYSTEMS.get(order.get("system") or "", ""), code=code, display=display)
                    if code else None, text=display, modality=modality(order.get("modality") or ""),
                    side=Side(side) if side else None, contrast=Contrast(contrast) if contrast else None),
        service=served)
    groups = {"modality": order.get("modality") or "", "sex": sex or "", "age": _band(born, served),
              "site": order.get("site") or "", "style": record.get("style") or ""}
    return Annotated(identity=record["id"], report=report, gold=record["gold"], digest=digest,
                     groups={dimension: group or "not said" for dimension, group in groups.items()})


def modality(word: str) -> str:
    """The DICOM modality code (CID 29) for the format's word: DX for XR and CR, RF for FL, BMD for DXA."""
    return _MODALITIES.get(word, word)


def marked(item: Record) -> tuple[Span, ...]:
    """Where an annotation stands; nowhere for one without words, such as a missing side."""
    phrase, start = item.get("phrase"), item.get("start")
    return (Span(start, start + len(phrase)),) if phrase and start is not None else ()


def _date(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None


def _band(born: date | None, served: date | None) -> str:
    if born is None or served is None:
        return ""
    age = served.year - born.year - ((served.month, served.day) < (born.month, born.day))
    return next((band for limit, band in _AGES if age < limit), "80 and over")
