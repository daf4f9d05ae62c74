"""FHIR data types as JSON: codings, concepts, references, times."""

from datetime import UTC, datetime
from decimal import Decimal

from fhir_adapter.model.code import Code
from fhir_adapter.model.report import JSON, Moment

Resource = dict[str, JSON]

BASE = "http://fhir-adapter.invalid/fhir"
"""Where our resources and code systems have their canonical address.

Under `.invalid` (RFC 2606), because no address is ours to give: a deployment's server puts its own in its place. It is
absolute, so that relative references resolve inside a bundle by the rules of FHIR R4 (2.36.4.1).
"""


def coding(code: Code) -> Resource:
    """Coding; the system of a sender's local code is unknown and left out."""
    out: Resource = {}
    if code.system:
        out["system"] = code.system
    out["code"] = code.code
    if code.display:
        out["display"] = code.display
    return out


def concept(*codes: Code, text: str = "") -> Resource:
    """CodeableConcept of codes and words."""
    out: Resource = {}
    if codes:
        out["coding"] = [coding(code) for code in codes]
    if text.strip():
        out["text"] = text.strip()
    return out


def reference(kind: str, identity: str) -> Resource:
    """Relative literal Reference."""
    return {"reference": f"{kind}/{identity}"}


def date_time(moment: Moment) -> str:
    """FHIR dateTime: a date, or a time to the second with its offset."""
    return moment.isoformat(timespec="seconds") if isinstance(moment, datetime) else moment.isoformat()


def instant(moment: Moment) -> str:
    """FHIR instant; a date is taken at midnight UTC."""
    if isinstance(moment, datetime):
        return moment.isoformat(timespec="seconds")
    return datetime(moment.year, moment.month, moment.day, tzinfo=UTC).isoformat(timespec="seconds")


def number(value: Decimal) -> JSON:
    """JSON number of a decimal."""
    return int(value) if value == value.to_integral_value() else float(value)
