"""What proves an insight: its words, as the published extension `derivation-reference`; its rule; its confidence."""

from fhir_adapter.emitters.elements import BASE, number, reference
from fhir_adapter.model.insight import Insight
from fhir_adapter.model.report import JSON
from fhir_adapter.model.span import Span

URL = "http://hl7.org/fhir/StructureDefinition/derivation-reference"
PATH = "DiagnosticReport.presentedForm[0].data"
"""Offsets count Unicode code points of the text that this element holds (base64 of UTF-8)."""
RULE = f"{BASE}/StructureDefinition/rule"
CONFIDENCE = f"{BASE}/StructureDefinition/confidence"


def proof(report_id: str, insight: Insight) -> list[JSON]:
    """The extensions of an insight's resource: each stretch of words, the rule, the confidence where one is known."""
    out = extensions(report_id, insight.evidence)
    if insight.rule:
        out.append({"url": RULE, "valueString": insight.rule})
    if insight.confidence is not None:
        out.append({"url": CONFIDENCE, "valueDecimal": number(insight.confidence)})
    return out


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
