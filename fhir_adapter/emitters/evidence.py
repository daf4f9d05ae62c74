"""The words that prove an insight, as the published extension `derivation-reference`."""

from fhir_adapter.emitters.elements import reference
from fhir_adapter.model.report import JSON
from fhir_adapter.model.span import Span

URL = "http://hl7.org/fhir/StructureDefinition/derivation-reference"
PATH = "DiagnosticReport.presentedForm[0].data"
"""Offsets count Unicode code points of the text that this element holds (base64 of UTF-8)."""


def extensions(report_id: str, evidence: tuple[Span, ...]) -> list[JSON]:
    """One extension for each stretch of words: which resource, which element, offset and length in code points."""
    return [
        {"url": URL, "extension": [
            {"url": "reference", "valueReference": reference("DiagnosticReport", report_id)},
            {"url": "path", "valueString": PATH},
            {"url": "offset", "valueInteger": span.start},
            {"url": "length", "valueInteger": len(span)},
        ]}
        for span in evidence
    ]
