"""
A finding as an Observation.

`code` is what was looked at or found and `value` whether it is there: so a denied finding is an Observation with value
absent, never a missing one. Site in `bodySite`; side, sizes, change, severity and chronicity as components. The
interpretation element is not used for imaging (IHE IDR); how actionable a finding is, is a category.
"""

from fhir_adapter.emitters.context import Subjects
from fhir_adapter.emitters.elements import Resource, concept, number, reference
from fhir_adapter.emitters.evidence import proof
from fhir_adapter.emitters.terminology import assertion_code, kind_code
from fhir_adapter.model.code import UCUM
from fhir_adapter.model.insight import Insight, Urgency
from fhir_adapter.model.reading import Finding, Measurement
from fhir_adapter.model.report import JSON
from fhir_adapter.model.safe import SafeReport
from fhir_adapter.tables.emission import EmissionTables


def base(insight: Insight, identity: str, safe: SafeReport, ids: Subjects, tables: EmissionTables) -> Resource:
    """What every Observation of ours has but its code and value: proof, status, categories, subject, times, study.

    The second category is the kind of insight, so that a consumer can ask for one kind.
    """
    category: list[JSON] = [concept(tables.codes["category", "imaging"]), concept(kind_code(insight.kind))]
    if insight.urgency is not Urgency.NONE:
        category.append(concept(tables.codes["urgency", insight.urgency.value]))
    out: Resource = {
        "resourceType": "Observation", "id": identity, "meta": ids.meta,
        "extension": proof(ids.report, insight),
        "status": tables.statuses[safe.status].observation, "category": category,
        "subject": reference("Patient", ids.patient)}
    if ids.effective:
        out["effectiveDateTime"] = ids.effective
    if ids.issued:
        out["issued"] = ids.issued
    if ids.study:
        out["partOf"] = [reference("ImagingStudy", ids.study)]
    return out


def observation(insight: Insight, identity: str, safe: SafeReport, ids: Subjects, tables: EmissionTables) -> Resource:
    """The Observation of a finding insight."""
    finding = insight.detail
    assert isinstance(finding, Finding)
    out = base(insight, identity, safe, ids, tables)
    out["code"] = concept(finding.concept, text=" ".join(finding.span.of(safe.text).split()))
    coded = tables.codes.get(("assertion", finding.assertion.value))
    out["valueCodeableConcept"] = concept(*([coded] if coded else []), assertion_code(finding.assertion))
    if finding.sites:
        out["bodySite"] = concept(finding.sites[0].code)
    if components := _components(finding, tables):
        out["component"] = components
    return out


def _components(finding: Finding, tables: EmissionTables) -> list[JSON]:
    codes = tables.codes
    out: list[JSON] = []
    if finding.side:
        out.append({"code": concept(codes["component", "laterality"]),
                    "valueCodeableConcept": concept(codes["side", finding.side.value])})
    for size in finding.measurements:
        out += sizes(size, tables)
    if finding.change:
        out.append({"code": concept(codes["component", "change"]),
                    "valueCodeableConcept": concept(codes["change", finding.change.value])})
    for name, qualifier in (("severity", finding.severity), ("chronicity", finding.chronicity)):
        if qualifier:
            out.append({"code": concept(codes["component", name]), "valueCodeableConcept": concept(qualifier.code)})
    return out


def sizes(size: Measurement, tables: EmissionTables) -> list[JSON]:
    """A component for each dimension of a measurement."""
    out: list[JSON] = []
    for value in size.values:
        component: Resource = {"code": concept(tables.codes["component", size.quantity.value])}
        quantity: Resource = {"value": number(value), "unit": size.unit, "system": UCUM, "code": size.unit}
        if size.high is not None and len(size.values) == 1:
            component["valueRange"] = {"low": quantity, "high": quantity | {"value": number(size.high)}}
        else:
            if size.comparator in ("<", "<=", ">", ">="):
                quantity = {"value": quantity["value"], "comparator": size.comparator, "unit": size.unit,
                            "system": UCUM, "code": size.unit}
            component["valueQuantity"] = quantity
        if not size.current:
            component["interpretation"] = [concept(tables.codes["previous", "previous"])]
        out.append(component)
    return out
