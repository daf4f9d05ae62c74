"""What proves an insight: its words, as the published extension `derivation-reference`; its rule; its confidence."""

from decimal import Decimal
from functools import lru_cache

from fhir_adapter.emitters.elements import BASE, Part, number, reference
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
        out.append(_rule(insight.rule))
    if insight.confidence is not None:
        out.append(_confidence(insight.confidence))
    return out


def extensions(report_id: str, evidence: tuple[Span, ...]) -> list[JSON]:
    """One extension for each stretch of words: which resource, which element, offset and length in code points."""
    return [_stretch(report_id, span.start, len(span)) for span in evidence]


@lru_cache(1024)
def _stretch(report_id: str, start: int, length: int) -> Part:
    return Part(url=URL, extension=[_source(report_id), _PATH, _whole("offset", start), _whole("length", length)])


_PATH = Part(url="path", valueString=PATH)


@lru_cache(16)
def _source(report_id: str) -> Part:
    return Part(url="reference", valueReference=reference("DiagnosticReport", report_id))


@lru_cache(8192)
def _whole(name: str, value: int) -> Part:
    return Part(url=name, valueInteger=value)


@lru_cache(1024)
def _rule(rule: str) -> Part:
    return Part(url=RULE, valueString=rule)


@lru_cache(1024)
def _confidence(value: Decimal) -> Part:
    return Part(url=CONFIDENCE, valueDecimal=number(value))
