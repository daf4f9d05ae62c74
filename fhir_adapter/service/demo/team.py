"""What an invented team said of insights: mostly that they are right, sometimes why they are wrong; and what it did."""

from datetime import datetime, timedelta
from hashlib import sha256

from fhir_adapter.model.insight import Kind
from fhir_adapter.service.facts import InsightFact, ReportFact
from fhir_adapter.service.worklist import Decision
from fhir_adapter.store import facts
from fhir_adapter.store.database import Connection

_ACTOR = "Dr. Wigglesnape"
_OLD = timedelta(days=9)
"""What is younger waits in the worklist for whoever looks at the demonstration."""
_LOOKED_AT = {
    Kind.UNCOMMUNICATED_CRITICAL_RESULT: (97, 88), Kind.FOLLOWUP_RECOMMENDATION: (45, 97),
    Kind.LATERALITY_DISCREPANCY: (92, 90), Kind.SEX_MISMATCH: (92, 90), Kind.AGE_MISMATCH: (92, 70),
    Kind.PROCEDURE_DISCREPANCY: (90, 84), Kind.COMPLETE_ORDER_DISCREPANCY: (95, 80),
    Kind.LIMITED_ORDER_DISCREPANCY: (95, 80), Kind.MEASUREMENT_DISCREPANCY: (92, 85),
    Kind.VAGUE_RECOMMENDATION: (96, 72), Kind.CRITICAL_RESULT: (60, 94)}
"""Of each kind, how many in a hundred someone looked at, and how many of these were right."""
_REASONS = ("The referrer was told in person.", "This is the side of the earlier examination.",
            "The plan stands in the letter of the tumour board.", "Known for years and stable.",
            "The age belongs to the device.")


def say(connection: Connection, report: str, fact: ReportFact, message: str, *, at: datetime, now: datetime) -> None:
    """Decide what this team decided about one report, the same every time."""
    if now - at < _OLD:
        return
    for one in fact.insights:
        asked, right = _LOOKED_AT.get(Kind(one.kind) if one.kind in set(Kind) else Kind.FINDING, (0, 0))
        looked, judged, after = sha256(one.id.encode()).digest()[:3]
        if looked * 100 >= asked * 256:
            continue
        told = at + timedelta(hours=1 + after / 4)
        if judged * 100 < right * 256:
            _decide(connection, report, fact, one, message, Decision.ACCEPTED, told)
            _decide(connection, report, fact, one, message, Decision.DONE, told + timedelta(minutes=1))
        else:
            _decide(connection, report, fact, one, message, Decision.REJECTED, told)


def _decide(connection: Connection, report: str, fact: ReportFact, one: InsightFact, message: str, decision: Decision,
            at: datetime) -> None:
    reason = _REASONS[int(one.id[:2], 16) % len(_REASONS)] if decision is Decision.REJECTED else ""
    facts.decide(connection, {
        "type": one.type, "id": one.id, "report": report, "message": message, "kind": one.kind, "rule": one.rule,
        "modality": fact.modality, "decision": decision.value, "reason": reason, "actor": _ACTOR, "at": at})
