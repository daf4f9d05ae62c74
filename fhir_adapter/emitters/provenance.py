"""Who made the resources of a report: this software, its engine; and what went wrong on the way."""

from fhir_adapter import __version__
from fhir_adapter.emitters.context import Subjects
from fhir_adapter.emitters.elements import BASE, Resource, instant, reference
from fhir_adapter.emitters.identity import identity
from fhir_adapter.emitters.outcome import operation_outcome
from fhir_adapter.issues import Issue
from fhir_adapter.model.report import JSON
from fhir_adapter.model.safe import SafeReport

ISSUES_EXTENSION = f"{BASE}/StructureDefinition/issues"
_ABSENT = "http://hl7.org/fhir/StructureDefinition/data-absent-reason"


def provenance(targets: list[tuple[str, str]], safe: SafeReport, ids: Subjects, issues: tuple[Issue, ...],
               engine: str) -> Resource:
    """The Provenance of all `targets` (type, id).

    `recorded` is the report's own time, not the clock's, so that converting a report again gives the same resource.
    The issues are a contained OperationOutcome: a transaction has no place for one of its own.
    """
    out: Resource = {"resourceType": "Provenance", "id": identity("Provenance", safe.pseudonym),
                     "meta": ids.meta}
    if issues:
        out["contained"] = [dict(operation_outcome(issues)) | {"id": "issues"}]
        out["extension"] = [{"url": ISSUES_EXTENSION, "valueReference": {"reference": "#issues"}}]
    listed: list[JSON] = [reference(kind, one) for kind, one in targets]
    out["target"] = listed
    when = safe.issued or safe.service
    if when:
        out["recorded"] = instant(when)
    else:
        out["_recorded"] = {"extension": [{"url": _ABSENT, "valueCode": "unknown"}]}
    out["agent"] = [{"who": {"display": f"fhir-adapter {__version__}, engine {engine}"}}]
    out["entity"] = [{"role": "source", "what": reference("DiagnosticReport", ids.report)}]
    return out
