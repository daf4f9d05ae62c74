"""
One report and its insights as a transaction Bundle of PUTs.

Every resource is held against fhir.resources' R4B model (R4's for these types) before it goes in; one that is not
valid is an Issue (OUT-500) and is left out together with what refers to it, and the Bundle's Provenance says so.
"""


from fhir_adapter.emitters import context
from fhir_adapter.emitters.assessment import assessment
from fhir_adapter.emitters.communication import communication
from fhir_adapter.emitters.elements import BASE, Resource
from fhir_adapter.emitters.flag import flag
from fhir_adapter.emitters.identity import Ordinals, identity
from fhir_adapter.emitters.observation import observation
from fhir_adapter.emitters.provenance import provenance
from fhir_adapter.emitters.service_request import proposed, service_request
from fhir_adapter.emitters.validity import valid
from fhir_adapter.issues import Issue
from fhir_adapter.model.insight import (
    CriticalResult,
    Detail,
    FollowUp,
    Guidance,
    Insight,
    Kind,
    MeasurementDiscrepancy,
    QualityMeasure,
    RadiologyProcedure,
    Resources,
    Scoring,
    UncommunicatedCriticalResult,
)
from fhir_adapter.model.reading import Communication, Finding
from fhir_adapter.model.report import JSON
from fhir_adapter.model.safe import SafeReport
from fhir_adapter.model.span import Span
from fhir_adapter.tables import Tables


def bundle(safe: SafeReport, insights: tuple[Insight, ...], *, tables: Tables, engine: str) -> Resources:
    """The Bundle of one report; `engine` is the name that the Provenance gives."""
    emission = tables.emission
    ids, ordinals = context.subjects(safe, emission), Ordinals()
    made: list[Resource] = []
    issues: list[Issue] = []

    def keep(resource: Resource) -> bool:
        if valid(resource):
            made.append(resource)
            return True
        issues.append(Issue.at("OUT-500", str(resource["resourceType"])))
        return False

    said: dict[Span, list[str]] = {}  # the Observations of findings, by each stretch of words that proves them
    results: list[str] = []
    flags: list[str] = []

    def about(*findings: Finding) -> list[str]:
        return list(dict.fromkeys(one for finding in findings for one in said.get(finding.span, ())))

    # Findings first, then what refers to them; communications last, as they refer to flags.
    for insight in sorted(insights, key=lambda i: (i.kind is not Kind.FINDING, i.kind is Kind.FOLLOWUP_COMMUNICATION)):
        detail = insight.detail
        if isinstance(detail, Finding):
            one = ordinals.identity("Observation", safe.pseudonym, _subject(insight))
            if keep(observation(insight, one, safe, ids, emission)):
                for span in dict.fromkeys(insight.evidence):
                    said.setdefault(span, []).append(one)
                results.append(one)
            continue
        one = ordinals.identity(insight.kind.value, safe.pseudonym, _subject(insight))
        if isinstance(detail, FollowUp):
            reasons = about(*(reason.finding for reason in detail.reasons))
            keep(service_request(insight, one, reasons, safe, ids, emission))
        elif isinstance(detail, Communication):
            keep(communication(insight, one, flags, safe, ids, emission))
        elif isinstance(detail, Scoring | RadiologyProcedure | QualityMeasure | Guidance):
            found = about(detail.finding) if isinstance(detail, Guidance) else []
            if keep(assessment(insight, one, found, safe, ids, emission)):
                results.append(one)
                found = [*found, one]
            for number, proposal in enumerate(detail.proposals if isinstance(detail, Guidance) else ()):
                if not proposal.nothing:
                    keep(proposed(insight, proposal, identity(one, str(number)), found, safe, ids, emission))
        elif keep(flag(insight, one, about(*_findings(detail)), safe, ids, emission)):
            flags += [one] if isinstance(detail, CriticalResult) else []
    head = [context.patient(safe, ids)]
    if ids.order:
        head.append(context.order(safe, ids, emission))
    if ids.study:
        head.append(context.imaging_study(safe, ids))
    head.append(context.diagnostic_report(safe, ids, results, emission))
    for resource in head:
        if not valid(resource):
            issues.append(Issue.at("OUT-500", str(resource["resourceType"])))
    everything = [*head, *made]
    targets = [(str(r["resourceType"]), str(r["id"])) for r in everything if r["resourceType"] not in _SHARED]
    everything.append(provenance(targets, safe, ids, (*safe.issues, *issues), engine))
    entries: list[JSON] = [_entry(resource) for resource in everything]
    return Resources(bundle={"resourceType": "Bundle", "type": "transaction", "entry": entries}, issues=tuple(issues))


_SHARED = ("Patient", "ImagingStudy")


def _findings(detail: Detail) -> tuple[Finding, ...]:
    """The findings that a flag speaks of."""
    if isinstance(detail, CriticalResult | MeasurementDiscrepancy):
        return (detail.finding,)
    if isinstance(detail, UncommunicatedCriticalResult):
        return tuple(result.finding for result in detail.results)
    return ()


def _entry(resource: Resource) -> Resource:
    url = f"{resource['resourceType']}/{resource['id']}"
    return {"fullUrl": f"{BASE}/{url}", "resource": resource, "request": {"method": "PUT", "url": url}}


def _subject(insight: Insight) -> str:
    return insight.subject.code if insight.subject else insight.rule
