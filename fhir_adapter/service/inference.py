"""A report and what its sender asks, answered as the Radiology Insights API answers."""

from dataclasses import replace

from fhir_adapter import pipeline
from fhir_adapter.deid.keys import keys_of
from fhir_adapter.emitters import radiology_insights
from fhir_adapter.insights.detectors import followup_recommendation
from fhir_adapter.insights.due import resolve
from fhir_adapter.model.inference import InferenceRequest
from fhir_adapter.model.insight import FollowUp, Guidance, Insight, Outcome, Proposal
from fhir_adapter.model.reading import Interval
from fhir_adapter.model.report import JSONObject, Moment, Report
from fhir_adapter.model.span import Span
from fhir_adapter.service.adapter import Adapter


def understood(request: InferenceRequest, loaded: Adapter) -> Outcome:
    """The report of a job through the pipeline. Raises EngineError where it cannot be read."""
    return pipeline.understand(request.report, settings=loaded.settings, tables=loaded.tables, engine=loaded.engine)


def of(report: Report) -> InferenceRequest:
    """The job that a report would be which came some other way: every inference, the message's own ids."""
    identity = report.origin.identity or report.origin.message_id
    return InferenceRequest(report=report, patient_id=report.patient.key.split("|")[0] or "unknown",
                            document_id=identity.split("|")[0] or "document")


def answer(outcome: Outcome, request: InferenceRequest, loaded: Adapter) -> JSONObject:
    """The `result` of a job, in the ids, places and dates of its sender: not de-identified."""
    report, tables, settings = request.report, loaded.tables, loaded.settings
    compatible = settings.radiology_insights_compatibility
    terms = radiology_insights.Terms(
        request=request, reading=outcome.reading,
        days=keys_of(settings).shift(report.patient.key or report.origin.identity),
        codes=tables.inferences.compatible if compatible else tables.inferences.codes,
        modalities=tables.judgement.modalities, emission=tables.emission)
    told = (_dated(insight, report.service) for insight in _told(outcome, request, loaded))
    return radiology_insights.result(told, terms, model=loaded.engine.name)


def _told(outcome: Outcome, request: InferenceRequest, loaded: Adapter) -> tuple[Insight, ...]:
    """The insights, with the recommendations that only quote a guideline where they are asked for."""
    if not request.options.in_references:
        return outcome.insights
    quoted = followup_recommendation.quoted(outcome.reading, loaded.tables.judgement)
    return (*outcome.insights, *quoted)


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
