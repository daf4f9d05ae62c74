"""How often insights of a class were right where that was measured: mappings/insights/confidence.csv."""

from fhir_adapter.model.insight import CriticalResult, Insight, LateralityDiscrepancy, ProcedureDiscrepancy
from fhir_adapter.model.reading import Finding
from fhir_adapter.tables.judgement import JudgementTables


def class_of(insight: Insight) -> str:
    """What an insight is counted with among those of its kind: how a finding is meant, which discrepancy it is."""
    match insight.detail:
        case Finding(assertion=assertion) | CriticalResult(finding=Finding(assertion=assertion)):
            return assertion.value
        case LateralityDiscrepancy(type=kind) | ProcedureDiscrepancy(type=kind):
            return kind.value
    return ""


def confident(insight: Insight, tables: JudgementTables) -> Insight:
    """The insight with the confidence of its class, else of its kind; unchanged where neither was measured."""
    kind = insight.kind.value
    known = tables.confidence.get((kind, class_of(insight)), tables.confidence.get((kind, "")))
    if known is None or insight.confidence is not None:
        return insight
    return Insight(kind=insight.kind, statement=insight.statement, evidence=insight.evidence, detail=insight.detail,
                   subject=insight.subject, urgency=insight.urgency, rule=insight.rule, confidence=known)
