"""Answers in FHIR: resources as application/fhir+json, trouble as OperationOutcome with the right status."""

import json

from flask import Response

from fhir_adapter.emitters import operation_outcome
from fhir_adapter.errors import AdapterError, EngineError, MessageError, StoreError, TooLargeMessage, UnreadableMessage
from fhir_adapter.issues import Issue
from fhir_adapter.model.report import JSONObject

FHIR_JSON = "application/fhir+json"
_UNSUPPORTED_MEDIA = {"FHIR-214", "NET-600"}


def fhir(resource: JSONObject, status: int = 200) -> Response:
    """A resource as FHIR JSON."""
    return Response(json.dumps(resource, ensure_ascii=False), status=status, mimetype=FHIR_JSON)


def outcome(status: int, *issues: Issue) -> Response:
    """What went wrong, as an OperationOutcome."""
    return fhir(operation_outcome(issues), status)


def refusal(error: AdapterError) -> Response:
    """The answer to a message that could not be taken."""
    return outcome(status_of(error), *issues_of(error))


def issues_of(error: AdapterError) -> tuple[Issue, ...]:
    """The issues that an error carries; an unforeseen one is NET-604."""
    return error.issues if isinstance(error, MessageError | EngineError | StoreError) else (Issue.at("NET-604"),)


def status_of(error: AdapterError | None) -> int:
    """200 well, 400 unreadable, 413 too large, 415 not read in this format, 422 wrong or not for us, 500 our fault, 503
    when the store takes nothing now.
    """
    if error is None:
        return 200
    if isinstance(error, StoreError):
        return 503
    if not isinstance(error, MessageError):
        return 500
    if isinstance(error, TooLargeMessage):
        return 413
    if any(issue.code in _UNSUPPORTED_MEDIA for issue in error.issues):
        return 415
    return 400 if isinstance(error, UnreadableMessage) else 422
