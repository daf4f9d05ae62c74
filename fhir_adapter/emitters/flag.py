"""
A critical result or a mismatch as a Flag (IHE RAD TF-1 56.4.2.4.1.3).

R4 has no `supportingInfo`; what the flag is about stands in the published extension `flag-detail`.
"""

from fhir_adapter.emitters.context import Subjects
from fhir_adapter.emitters.elements import Resource, concept, reference
from fhir_adapter.emitters.evidence import proof
from fhir_adapter.emitters.terminology import detail_code, kind_code
from fhir_adapter.model.insight import Insight, Kind, Urgency
from fhir_adapter.model.report import JSON
from fhir_adapter.model.safe import SafeReport
from fhir_adapter.tables.emission import EmissionTables

_DETAIL = "http://hl7.org/fhir/StructureDefinition/flag-detail"


def flag(insight: Insight, identity: str, about: list[str], safe: SafeReport, ids: Subjects,
         tables: EmissionTables) -> Resource:
    """The Flag of an insight; `about` are the ids of the Observations that it speaks of."""
    codes = tables.codes
    category: list[JSON] = [concept(codes["flag-category", "clinical"])]
    if insight.urgency is not Urgency.NONE:
        category.append(concept(codes["urgency", insight.urgency.value]))
    details: list[JSON] = [{"url": _DETAIL, "valueReference": reference("Observation", one)} for one in about]
    details.append({"url": _DETAIL, "valueReference": reference("DiagnosticReport", ids.report)})
    category.append(concept(kind_code(insight.kind)))
    named = [*((insight.subject,) if insight.kind is Kind.CRITICAL_RESULT and insight.subject else ()),
             *detail_code(insight.detail)]
    out: Resource = {
        "resourceType": "Flag", "id": identity, "meta": ids.meta,
        "extension": [*proof(ids.report, insight), *details],
        "status": tables.statuses[safe.status].flag, "category": category,
        "code": concept(*(named or [kind_code(insight.kind)]), text=insight.statement),
        "subject": reference("Patient", ids.patient)}
    if ids.authored:
        period: Resource = {"start": ids.authored}
        if tables.statuses[safe.status].flag != "active":
            period["end"] = ids.authored
        out["period"] = period
    return out
