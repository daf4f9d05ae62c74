"""
Which version of FHIR a resource speaks, by its shape; R5, STU3 and DSTU2 are refused by name, not guessed.

Only shapes that R4 does not have count (the resources' change notes in each version's specification), so a valid R4
resource is never refused.
"""

from collections.abc import Iterator
from typing import Any

from fhir_adapter.errors import UnsupportedMessage
from fhir_adapter.issues import Issue
from fhir_adapter.readers.fhir.parse import Node, objects

_R5, _STU3, _DSTU2 = "FHIR-205", "FHIR-206", "FHIR-207"
_DECLARED = {"5.": _R5, "3.": _STU3, "1.": _DSTU2, "0.": _DSTU2}
_ELEMENTS: dict[str, dict[str, str]] = {
    "DiagnosticReport": {"study": _R5, "supportingInfo": _R5, "composition": _R5, "note": _R5, "image": _STU3,
                         "codedDiagnosis": _STU3, "imagingStudy.series": _R5, "diagnosticOrder": _DSTU2,
                         "request": _DSTU2, "requestDetail": _DSTU2},
    "Observation": {"comment": _STU3, "comments": _DSTU2, "related": _STU3, "triggeredBy": _R5, "bodyStructure": _R5},
    "ServiceRequest": {"focus": _R5, "bodyStructure": _R5, "reason": _R5},
    "ImagingStudy": {"accession": _STU3, "procedure": _R5, "context": _STU3, "reason": _R5, "order": _DSTU2,
                     "uid": _STU3},
    "Patient": {"animal": _STU3, "careProvider": _DSTU2},
    "Composition": {"class": _STU3, "useContext": _R5},
}
_TYPES = {"ProcedureRequest": _STU3, "ReferralRequest": _STU3, "DiagnosticOrder": _DSTU2, "DiagnosticRequest": _STU3,
          "ImagingManifest": _STU3, "ImagingObjectSelection": _DSTU2, "ImagingSelection": _R5}


def check(resource: Node, where: str) -> None:
    """Raise UnsupportedMessage (FHIR-205, -206 or -207) at the place that only that version has."""
    for code, place in _signs(resource):
        raise UnsupportedMessage(Issue.at(code, f"{where}{place}"))


def _signs(resource: Node) -> Iterator[tuple[str, str]]:
    kind = str(resource.get("resourceType"))
    declared: Any = resource.get("fhirVersion")
    if isinstance(declared, str):
        for prefix, code in _DECLARED.items():
            if declared.startswith(prefix):
                yield code, ".fhirVersion"
    if kind in _TYPES:
        yield _TYPES[kind], ""
    for element, code in _ELEMENTS.get(kind, {}).items():
        if element in resource:
            yield code, f".{element}"
    if kind == "DiagnosticReport":
        performers = resource.get("performer")
        if isinstance(performers, dict):
            yield _DSTU2, ".performer"
        if any("actor" in performer for performer in objects(performers)):
            yield _STU3, ".performer.actor"
        if isinstance(resource.get("category"), dict):
            yield _STU3, ".category"
    if kind == "ServiceRequest" and isinstance(asked := resource.get("code"), dict) and (
        "concept" in asked or "reference" in asked
    ):
        yield _R5, ".code"
    if kind == "ImagingStudy":
        if any("coding" in modality for modality in objects(resource.get("modality"))):
            yield _R5, ".modality"
        if "modalityList" in resource:
            yield _STU3, ".modalityList"
        elif "availability" in resource:
            yield _STU3, ".availability"
