"""A recommended follow-up as a ServiceRequest: a draft, a proposal, which nobody has ordered yet (IHE IDR)."""

from fhir_adapter.emitters.context import Subjects
from fhir_adapter.emitters.elements import Resource, concept, date_time, reference
from fhir_adapter.emitters.evidence import proof
from fhir_adapter.emitters.terminology import kind_code
from fhir_adapter.model.insight import FollowUp, Guidance, Insight, Proposal
from fhir_adapter.model.reading import RecommendationKind
from fhir_adapter.model.safe import SafeReport
from fhir_adapter.tables.emission import EmissionTables


def service_request(insight: Insight, identity: str, reasons: list[str], safe: SafeReport, ids: Subjects,
                    tables: EmissionTables) -> Resource:
    """The ServiceRequest of a recommendation; `reasons` are the ids of the Observations that it follows up."""
    followup = insight.detail
    assert isinstance(followup, FollowUp)
    wanted = followup.recommendation
    imaging = wanted.kind is RecommendationKind.IMAGING
    sentence = " ".join(wanted.span.of(safe.text).split())
    out: Resource = {
        "resourceType": "ServiceRequest", "id": identity, "meta": ids.meta,
        "extension": proof(ids.report, insight),
        "status": tables.statuses[safe.status].request, "intent": "proposal",
        "category": [*([concept(tables.codes["category", "imaging-procedure"])] if imaging else []),
                     concept(tables.codes["urgency", insight.urgency.value]), concept(kind_code(insight.kind))],
        "code": concept(wanted.procedure, text=" ".join(wanted.procedure_span.of(safe.text).split()))
        if wanted.procedure and wanted.procedure_span else concept(text="Follow-up; what with is not stated"),
        "subject": reference("Patient", ids.patient)}
    if wanted.contrast:
        out["orderDetail"] = [concept(tables.codes["contrast", wanted.contrast.value])]
    if followup.due:
        out["occurrenceDateTime"] = date_time(followup.due)
    elif followup.end:
        period: Resource = {"start": date_time(followup.start)} if followup.start else {}
        out["occurrencePeriod"] = period | {"end": date_time(followup.end)}
    if wanted.conditional:
        out["asNeededCodeableConcept"] = concept(text=sentence)
    if ids.authored:
        out["authoredOn"] = ids.authored
    if reasons:
        out["reasonReference"] = [reference("Observation", one) for one in reasons]
    if wanted.site:
        side = [tables.codes["side", wanted.side.value]] if wanted.side else []
        out["bodySite"] = [concept(wanted.site.code), *([concept(*side)] if side else [])]
    out["note"] = [{"text": sentence}]
    return out


def proposed(insight: Insight, proposal: Proposal, identity: str, reasons: list[str], safe: SafeReport, ids: Subjects,
             tables: EmissionTables) -> Resource:
    """The ServiceRequest of what a guideline proposes; `reasons` are the finding's and the guidance's Observations."""
    guidance = insight.detail
    assert isinstance(guidance, Guidance)
    out: Resource = {
        "resourceType": "ServiceRequest", "id": identity, "meta": ids.meta,
        "extension": proof(ids.report, insight),
        "status": tables.statuses[safe.status].request, "intent": "proposal",
        "category": [concept(tables.codes["urgency", insight.urgency.value]), concept(kind_code(insight.kind))],
        "code": concept(*((proposal.procedure,) if proposal.procedure else ()), text=proposal.text),
        "subject": reference("Patient", ids.patient)}
    if proposal.start or proposal.end:
        period: Resource = {"start": date_time(proposal.start)} if proposal.start else {}
        out["occurrencePeriod"] = period | ({"end": date_time(proposal.end)} if proposal.end else {})
    if proposal.conditional:
        out["asNeededCodeableConcept"] = concept(text=proposal.text)
    if ids.authored:
        out["authoredOn"] = ids.authored
    if reasons:
        out["reasonReference"] = [reference("Observation", one) for one in reasons]
    if proposal.anatomy:
        out["bodySite"] = [concept(proposal.anatomy)]
    out["note"] = [{"text": guidance.source}]
    return out
