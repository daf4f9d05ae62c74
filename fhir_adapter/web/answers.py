"""
Answers in FHIR: resources as application/fhir+json, trouble as OperationOutcome with the right status.

Under /health-insights/ trouble is told in the form of the Radiology Insights API instead.
"""

import json

from flask import Response, request

from fhir_adapter.emitters import operation_outcome, radiology_insights
from fhir_adapter.errors import AdapterError, EngineError, MessageError, StoreError, TooLargeMessage, UnreadableMessage
from fhir_adapter.issues import Issue
from fhir_adapter.model.report import JSONObject

FHIR_JSON = "application/fhir+json"
HEALTH_INSIGHTS = "/health-insights/"
_STATUS = {"FHIR-214": 415, "NET-600": 415, "API-908": 404, "API-909": 409}
_WORDS = {400: "InvalidRequest", 401: "Unauthorized", 403: "Forbidden", 404: "NotFound", 405: "MethodNotAllowed",
          409: "Conflict", 413: "RequestTooLarge", 415: "UnsupportedMediaType", 422: "InvalidRequest",
          503: "ServiceUnavailable"}


def fhir(resource: JSONObject, status: int = 200) -> Response:
    """A resource as FHIR JSON."""
    return Response(json.dumps(resource, ensure_ascii=False), status=status, mimetype=FHIR_JSON)


def outcome(status: int, *issues: Issue) -> Response:
    """What went wrong, as an OperationOutcome, or as the Radiology Insights API says it."""
    if request.path.startswith(HEALTH_INSIGHTS):
        return _health_insights(status, issues)
    return fhir(operation_outcome(issues), status)


def _health_insights(status: int, issues: tuple[Issue, ...]) -> Response:
    word = "UnsupportedApiVersion" if issues[0].code == "API-906" else _WORDS.get(status, "InternalServerError")
    told = {"error": dict(radiology_insights.error(word, issues))}
    answer = Response(json.dumps(told), status=status, mimetype="application/json")
    answer.headers["x-ms-error-code"] = word
    if status == 503:
        answer.headers["Retry-After"] = "10"
    return answer


def refusal(error: AdapterError) -> Response:
    """The answer to a message that could not be taken."""
    return outcome(status_of(error), *issues_of(error))


def issues_of(error: AdapterError) -> tuple[Issue, ...]:
    """The issues that an error carries; an unforeseen one is NET-604."""
    return error.issues if isinstance(error, MessageError | EngineError | StoreError) else (Issue.at("NET-604"),)


def status_of(error: AdapterError | None) -> int:
    """200 well, 400 unreadable, 404 no such job, 409 another job of that id, 413 too large, 415 no format of ours,
    422 wrong or not for us, 500 our fault, 503 when the store takes nothing now.
    """
    if error is None:
        return 200
    if isinstance(error, StoreError):
        return 503
    if not isinstance(error, MessageError):
        return 500
    if isinstance(error, TooLargeMessage):
        return 413
    known = [_STATUS[issue.code] for issue in error.issues if issue.code in _STATUS]
    if known:
        return known[0]
    return 400 if isinstance(error, UnreadableMessage) else 422
