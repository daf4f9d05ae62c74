"""Issues as an OperationOutcome: code, rule, mend and place, never content."""

from fhir_adapter.emitters.elements import Resource
from fhir_adapter.emitters.terminology import ISSUES
from fhir_adapter.issues import CATALOGUE, Issue
from fhir_adapter.model.report import JSON, JSONObject


def operation_outcome(issues: tuple[Issue, ...]) -> JSONObject:
    """The OperationOutcome of some issues, or one that says all is well."""
    if not issues:
        return {"resourceType": "OperationOutcome",
                "issue": [{"severity": "information", "code": "informational", "diagnostics": "No issues."}]}
    listed: list[JSON] = [_issue(issue) for issue in issues]
    return {"resourceType": "OperationOutcome", "issue": listed}


def _issue(issue: Issue) -> Resource:
    entry = CATALOGUE[issue.code]
    out: Resource = {"severity": issue.severity.value, "code": entry.fhir,
                     "details": {"coding": [{"system": ISSUES, "code": issue.code}], "text": entry.rule},
                     "diagnostics": entry.mend}
    if issue.where:
        # `location` is deprecated for FHIRPath but is where a place that is none, such as PID-3, may stand.
        out["expression" if issue.where[:1].isupper() and "." in issue.where and "-" not in issue.where else "location"
            ] = [issue.where]
    return out
