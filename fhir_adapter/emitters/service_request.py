"""A recommended follow-up as a ServiceRequest: a draft, a proposal, which nobody has ordered yet (IHE IDR)."""

from fhir_adapter.emitters.context import Subjects, meta
from fhir_adapter.emitters.elements import Resource, concept, date_time, reference
from fhir_adapter.emitters.evidence import extensions
from fhir_adapter.model.insight import FollowUp, Insight
from fhir_adapter.model.safe import SafeReport
from fhir_adapter.tables.emission import EmissionTables


def service_request(insight: Insight, identity: str, reasons: list[str], safe: SafeReport, ids: Subjects,
                    tables: EmissionTables) -> Resource:
    """The ServiceRequest of a recommendation; `reasons` are the ids of the Observations that it follows up."""
    followup = insight.detail
    assert isinstance(followup, FollowUp)
    wanted = followup.recommendation
    sentence = " ".join(wanted.span.of(safe.text).split())
    out: Resource = {
        "resourceType": "ServiceRequest", "id": identity, "meta": meta(tables),
        "extension": extensions(ids.report, insight.evidence),
        "status": tables.statuses[safe.status].request, "intent": "proposal",
        "category": [concept(tables.codes["urgency", insight.urgency.value])],
        "code": concept(wanted.procedure, text=" ".join(wanted.procedure_span.of(safe.text).split()))
        if wanted.procedure and wanted.procedure_span else concept(text="Follow-up; what with is not stated"),
        "subject": reference("Patient", ids.patient)}
    if followup.due:
        out["occurrenceDateTime"] = date_time(followup.due)
    elif followup.end:
        period: Resource = {"start": date_time(followup.start)} if followup.start else {}
        out["occurrencePeriod"] = period | {"end": date_time(followup.end)}
    if wanted.conditional:
        out["asNeededCodeableConcept"] = concept(text=sentence)
    if safe.issued or safe.service:
        out["authoredOn"] = date_time(safe.issued or safe.service)  # type: ignore[arg-type]  # one of them is there
    if reasons:
        out["reasonReference"] = [reference("Observation", one) for one in reasons]
    if wanted.site:
        side = [tables.codes["side", wanted.side.value]] if wanted.side else []
        out["bodySite"] = [concept(wanted.site.code), *([concept(*side)] if side else [])]
    out["note"] = [{"text": sentence}]
    return out
