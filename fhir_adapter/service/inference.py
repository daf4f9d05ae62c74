"""A report and what its sender asks, answered as the Radiology Insights API answers."""

from collections.abc import Iterator
from dataclasses import replace

from fhir_adapter import pipeline
from fhir_adapter.deid.identity import identity_of
from fhir_adapter.emitters import radiology_insights
from fhir_adapter.insights.case import look
from fhir_adapter.insights.detectors import followup_recommendation
from fhir_adapter.insights.due import resolve
from fhir_adapter.model.inference import InferenceRequest
from fhir_adapter.model.insight import FollowUp, Guidance, Insight, Outcome, Proposal
from fhir_adapter.model.reading import Interval
from fhir_adapter.model.report import JSONObject, Moment, Report
from fhir_adapter.model.span import Span
from fhir_adapter.readers.radiology_insights import READER
from fhir_adapter.readers.radiology_insights import request as read_request
from fhir_adapter.service.adapter import Adapter


def understood(request: InferenceRequest, loaded: Adapter) -> Outcome:
    """The report of a job through the pipeline. Raises EngineError where it cannot be read."""
    return pipeline.understand(request.report, settings=loaded.settings, tables=loaded.tables, engine=loaded.engine)


def answered(payload: bytes, loaded: Adapter) -> Iterator[tuple[Outcome, JSONObject]]:
    """Each report of a message of any format with its answer; a job is answered as it asks.

    Raises what `pipeline.convert` raises.
    """
    if READER.detects(payload):
        asked = read_request(payload, settings=loaded.settings, tables=loaded.tables)
        outcome = understood(asked, loaded)
        yield outcome, answer(outcome, asked, loaded)
        return
    for outcome in loaded.convert(payload):
        yield outcome, answer(outcome, of(outcome.report), loaded)


def of(report: Report) -> InferenceRequest:
    """The job that a report would be which came some other way: every inference, the message's own ids."""
    origin = report.origin
    return InferenceRequest(report=report, patient_id=report.patient.key.split("|")[0] or "unknown",
                            document_id=origin.message_id or origin.identity or "document")


def answer(outcome: Outcome, request: InferenceRequest, loaded: Adapter) -> JSONObject:
    """The `result` of a job, in the ids, places and dates of its sender: not de-identified."""
    report, tables, settings = request.report, loaded.tables, loaded.settings
    compatible = settings.radiology_insights_compatibility
    with identity_of(settings) as identity:
        days = identity.shift(report.patient.key or report.origin.identity)
    terms = radiology_insights.Terms(
        request=request, reading=outcome.reading, days=days,
        codes=tables.inferences.compatible if compatible else tables.inferences.codes,
        modalities=tables.judgement.modalities, emission=tables.emission)
    told = (_dated(insight, report.service) for insight in _told(outcome, request, loaded))
    denominators = {row.id: row.denominator for row in tables.judgement.measures}
    return radiology_insights.result(told, terms, model=loaded.engine.name, denominators=denominators)


def _told(outcome: Outcome, request: InferenceRequest, loaded: Adapter) -> tuple[Insight, ...]:
    """The insights, with the recommendations that only quote a guideline where they are asked for."""
    if not request.options.in_references:
        return outcome.insights
    return (*outcome.insights, *followup_recommendation.quoted(look(outcome.reading, loaded.tables.judgement)))


def _dated(insight: Insight, service: Moment | None) -> Insight:
    """The insight with its follow-up dates reckoned from the sender's own day of the examination.

    Three months from a day that was moved are not always three months from the day, so they cannot be moved back.
    """
    detail = insight.detail
    if isinstance(detail, FollowUp):
        due, start, end = resolve(detail.recommendation.interval, service)
        return replace(insight, detail=replace(detail, due=due, start=start, end=end))
    if isinstance(detail, Guidance):
        return replace(insight, detail=replace(detail, proposals=tuple(_planned(p, service) for p in detail.proposals)))
    return insight


def _planned(proposal: Proposal, service: Moment | None) -> Proposal:
    if proposal.unit is None or (proposal.low is None and proposal.high is None):
        return proposal
    interval = Interval(span=Span(0, 0), unit=proposal.unit, low=proposal.low, high=proposal.high)
    due, start, end = resolve(interval, service)
    return replace(proposal, start=start or due, end=end or due)
