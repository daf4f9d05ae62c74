"""Messages converted for an answer, and messages kept for later with a place where the end can be asked for."""

from collections.abc import Iterable

from flask import Response, jsonify, url_for

from fhir_adapter.errors import EngineError, MessageError, UnreadableMessage
from fhir_adapter.issues import Issue
from fhir_adapter.model.insight import Outcome
from fhir_adapter.model.report import JSON, JSONObject
from fhir_adapter.service.metrics import INSIGHTS, ISSUES, REPORTS
from fhir_adapter.store.states import State
from fhir_adapter.web.answers import fhir, outcome, status_of
from fhir_adapter.web.station import Station


def converted(station: Station, payload: bytes) -> tuple[Outcome, ...]:
    """The reports of a message, counted; raises what `pipeline.convert` raises. Nothing is kept."""
    outcomes = station.adapter.convert(payload)
    counted(outcomes)
    return outcomes


def counted(outcomes: Iterable[Outcome]) -> None:
    """Count reports, insights and issues in the metrics."""
    for one in outcomes:
        REPORTS.labels(one.report.origin.format).inc()
        for insight in one.insights:
            INSIGHTS.labels(insight.kind.value).inc()
        for issue in one.issues:
            ISSUES.labels(issue.code).inc()


def bundled(outcomes: tuple[Outcome, ...]) -> Response:
    """The bundle of the one report, or a collection of bundles for several."""
    bundles: list[JSONObject] = [one.resources.bundle for one in outcomes]
    if len(bundles) == 1:
        return fhir(bundles[0])
    entries: list[JSON] = [{"resource": dict(bundle)} for bundle in bundles]
    return fhir({"resourceType": "Bundle", "type": "collection", "entry": entries})


def kept(station: Station, payload: bytes) -> Response:
    """202 once the message is on disk, with the address of its job; what cannot be taken is refused as ever."""
    judged = station.intake.judge(payload, channel="http")
    if not judged.answerable:
        return outcome(422, Issue.at("HL7-122", "MSH-9"))
    (one,) = station.intake.take((judged,))
    if one.state in (State.REJECTED, State.FAILED):
        issues = judged.new.issues or (Issue.at("NET-621", "MSH-10"),)
        for issue in issues:
            ISSUES.labels(issue.code).inc()
        return outcome(status_told(issues, one.state), *issues)
    answer = jsonify(id=one.id, state=one.state.value)
    answer.status_code = 202
    answer.headers["Preference-Applied"] = "respond-async"
    answer.headers["Content-Location"] = url_for("reports.job", name=one.id)
    answer.headers["Retry-After"] = "1"
    return answer


def status_told(issues: tuple[Issue, ...], state: State) -> int:
    """The status that tells an HTTP client what the acknowledgement tells an HL7 one."""
    if state is State.FAILED:
        return status_of(EngineError(*issues) if issues else None)
    codes = {issue.code for issue in issues}
    if codes & {"HL7-118", "DOC-700", "HL7-123", "TXT-803", "FHIR-210", "FHIR-211"}:
        return 413
    unreadable = {"HL7-100", "HL7-101", "HL7-102", "HL7-109", "HL7-119", "HL7-120", "FHIR-200", "FHIR-201"}
    known = issues or (Issue.at("NET-621", "MSH-10"),)
    return status_of(UnreadableMessage(*known) if codes & unreadable else MessageError(*known))
