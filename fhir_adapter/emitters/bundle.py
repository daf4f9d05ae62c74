"""
One report and its insights as a transaction Bundle of PUTs.

Every resource is held against fhir.resources' R4B model (R4's for these types) before it goes in; one that is not
valid is an Issue (OUT-500) and is left out together with what refers to it, and the Bundle's Provenance says so.
"""

from functools import cache
from typing import Any

from fhir_adapter.emitters import context
from fhir_adapter.emitters.elements import BASE, Resource
from fhir_adapter.emitters.flag import flag
from fhir_adapter.emitters.identity import Ordinals
from fhir_adapter.emitters.observation import observation
from fhir_adapter.emitters.provenance import provenance
from fhir_adapter.emitters.service_request import service_request
from fhir_adapter.issues import Issue
from fhir_adapter.model.insight import CriticalResult, FollowUp, Insight, Kind, Resources
from fhir_adapter.model.reading import Finding
from fhir_adapter.model.report import JSON
from fhir_adapter.model.safe import SafeReport
from fhir_adapter.tables import Tables


def bundle(safe: SafeReport, insights: tuple[Insight, ...], *, tables: Tables, engine: str) -> Resources:
    """The Bundle of one report; `engine` is the name that the Provenance gives."""
    emission = tables.emission
    ids, ordinals = context.subjects(safe), Ordinals()
    made: list[Resource] = []
    issues: list[Issue] = []

    def keep(resource: Resource) -> bool:
        if _valid(resource):
            made.append(resource)
            return True
        issues.append(Issue.at("OUT-500", str(resource["resourceType"])))
        return False

    observations: list[tuple[str, Insight]] = []
    for insight in insights:
        if insight.kind is Kind.FINDING:
            one = ordinals.identity("Observation", safe.pseudonym, _subject(insight))
            if keep(observation(insight, one, safe, ids, emission)):
                observations.append((one, insight))

    def about(*findings: Finding) -> list[str]:
        return [one for one, insight in observations if any(f.span in insight.evidence for f in findings)]

    for insight in insights:
        one = ordinals.identity(insight.kind.value, safe.pseudonym, _subject(insight))
        if insight.kind is Kind.FINDING:
            continue
        if isinstance(insight.detail, FollowUp):
            reasons = about(*(reason.finding for reason in insight.detail.reasons))
            keep(service_request(insight, one, reasons, safe, ids, emission))
        else:
            critical = isinstance(insight.detail, CriticalResult)
            keep(flag(insight, one, about(insight.detail.finding) if critical else [],  # type: ignore[union-attr]
                      safe, ids, emission))
    head = [context.patient(safe, ids, emission)]
    if ids.order:
        head.append(context.order(safe, ids, emission))
    if ids.study:
        head.append(context.imaging_study(safe, ids, emission))
    head.append(context.diagnostic_report(safe, ids, [one for one, _ in observations], emission))
    for resource in head:
        if not _valid(resource):
            issues.append(Issue.at("OUT-500", str(resource["resourceType"])))
    everything = [*head, *made]
    targets = [(str(r["resourceType"]), str(r["id"])) for r in everything if r["resourceType"] not in _SHARED]
    everything.append(provenance(targets, safe, ids, (*safe.issues, *issues), engine, emission))
    entries: list[JSON] = [_entry(resource) for resource in everything]
    return Resources(bundle={"resourceType": "Bundle", "type": "transaction", "entry": entries}, issues=tuple(issues))


_SHARED = ("Patient", "ImagingStudy")


def _entry(resource: Resource) -> Resource:
    url = f"{resource['resourceType']}/{resource['id']}"
    return {"fullUrl": f"{BASE}/{url}", "resource": resource, "request": {"method": "PUT", "url": url}}


def _subject(insight: Insight) -> str:
    return insight.subject.code if insight.subject else insight.rule


@cache
def _model(kind: str) -> Any:
    from fhir.resources.R4B import get_fhir_model_class

    return get_fhir_model_class(kind)


def _valid(resource: Resource) -> bool:
    """Whether the R4B model takes the resource; its message would quote values, so it is not kept."""
    try:
        _model(str(resource["resourceType"])).model_validate(resource)
    except ValueError:
        return False
    return True
