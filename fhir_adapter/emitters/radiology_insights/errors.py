"""What went wrong, as the API says it: OData v4 errors."""

from collections.abc import Sequence

from fhir_adapter.issues import Issue
from fhir_adapter.model.report import JSON, JSONObject


def error(code: str, issues: Sequence[Issue]) -> JSONObject:
    """The error object: rule and mend of the first issue, each issue as a detail, and our own code within.

    `code` is the service's word for the trouble, such as `InvalidRequest`.
    """
    first = issues[0]
    details: list[JSON] = [_one(issue.code, issue) for issue in issues]
    return {**_one(code, first), "details": details, "innererror": {"code": first.code}}


def _one(code: str, issue: Issue) -> dict[str, JSON]:
    out: dict[str, JSON] = {"code": code, "message": f"{issue.rule} {issue.mend}"}
    if issue.where:
        out["target"] = issue.where
    return out
