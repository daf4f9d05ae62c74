"""A documented communication as a Communication that is completed; who told whom is said by role only."""

from fhir_adapter.emitters.context import Subjects
from fhir_adapter.emitters.elements import BASE, Resource, concept, date_time, reference
from fhir_adapter.emitters.evidence import proof
from fhir_adapter.emitters.terminology import kind_code, recipient_code
from fhir_adapter.model.insight import Insight
from fhir_adapter.model.reading import Communication
from fhir_adapter.model.report import ReportStatus
from fhir_adapter.model.safe import SafeReport
from fhir_adapter.tables.emission import EmissionTables

ACKNOWLEDGED = f"{BASE}/StructureDefinition/acknowledged"
RECIPIENT_ROLE = f"{BASE}/StructureDefinition/recipient-role"


def communication(insight: Insight, identity: str, about: list[str], safe: SafeReport, ids: Subjects,
                  tables: EmissionTables) -> Resource:
    """The Communication of an insight; `about` are the ids of the Flags of the critical results that were told.

    `sent` is there only where the day is known; `received` too, where the recipient acknowledged.
    """
    told = insight.detail
    assert isinstance(told, Communication)
    error = safe.status is ReportStatus.ENTERED_IN_ERROR
    out: Resource = {
        "resourceType": "Communication", "id": identity, "meta": ids.meta,
        "extension": [*proof(ids.report, insight),
                      {"url": ACKNOWLEDGED, "valueBoolean": told.acknowledged},
                      {"url": RECIPIENT_ROLE, "valueCodeableConcept": concept(recipient_code(told.recipient_role))}],
        "status": "entered-in-error" if error else "completed",
        "category": [concept(kind_code(insight.kind)), concept(tables.codes["section", "communication"])],
        "subject": reference("Patient", ids.patient),
        "about": [reference("DiagnosticReport", ids.report), *(reference("Flag", one) for one in about)]}
    if told.at:
        out["sent"] = date_time(told.at)
        if told.acknowledged:
            out["received"] = date_time(told.at)
    out["payload"] = [{"contentString": " ".join(told.sentence.span.of(safe.text).split())}]
    return out
