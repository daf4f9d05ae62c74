"""What a report means, told to the one who sent its words: in the sender's own characters and dates.

For a reporting system that shows it while the radiologist still dictates. Statements quote the de-identified text; the
places, the due dates and everything else are the sender's.
"""

from fhir_adapter.insights.due import resolve
from fhir_adapter.issues import Issue
from fhir_adapter.model.insight import FollowUp, Insight, Outcome
from fhir_adapter.model.report import JSON, JSONObject


def told(outcome: Outcome) -> JSONObject:
    """One report: its status, insights with the places of their words in the text as sent, and issues."""
    return {"status": outcome.report.status.value,
            "insights": [_insight(one, outcome) for one in outcome.insights],
            "issues": [issue_told(one) for one in dict.fromkeys((*outcome.report.issues, *outcome.issues))]}


def _insight(insight: Insight, outcome: Outcome) -> JSON:
    offsets = outcome.reading.report.offsets
    places = [offsets.to_original(span) for span in insight.evidence]
    out: dict[str, JSON] = {
        "kind": insight.kind.value, "statement": insight.statement, "urgency": insight.urgency.name.lower(),
        "evidence": [{"start": place.start, "end": place.end} for place in dict.fromkeys(places)]}
    if insight.rule:
        out["rule"] = insight.rule
    if insight.confidence is not None:
        out["confidence"] = float(insight.confidence)
    if isinstance(insight.detail, FollowUp):
        # Reckoned anew: three months from a day that was moved are not always three months from the day.
        moments = resolve(insight.detail.recommendation.interval, outcome.report.service)
        out |= {name: moment.isoformat() for name, moment in zip(("due", "start", "end"), moments, strict=True)
                if moment is not None}
    return out


def issue_told(issue: Issue) -> JSON:
    """An issue with its rule and mend."""
    return {"code": issue.code, "severity": issue.severity.value, "where": issue.where, "rule": issue.rule,
            "mend": issue.mend}
