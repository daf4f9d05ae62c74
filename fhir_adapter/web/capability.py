"""The CapabilityStatement, made from the routes that there are (FHIR R4, 5.2)."""

from werkzeug.routing import Map

from fhir_adapter import __version__
from fhir_adapter.model.report import JSON, JSONObject

_DATE = "2026-11-25"


def capability_statement(routes: Map) -> JSONObject:
    """What the routes of the application let a client do."""
    rules = {(rule.rule, method) for rule in routes.iter_rules() for method in rule.methods or ()}
    rest: dict[str, JSON] = {"mode": "server",
                             "security": {"description": "A key as bearer token, where keys are set."}}
    if ("/fhir/<kind>", "POST") in rules:
        rest["resource"] = [{"type": "DiagnosticReport", "interaction": [{"code": "create"}],
                             "documentation": "Answered with the transaction Bundle that the report becomes."}]
    if ("/fhir", "POST") in rules:
        rest["interaction"] = [{"code": "transaction"}, {"code": "batch"}]
    if ("/fhir/$process-message", "POST") in rules:
        rest["operation"] = [{"name": "process-message",
                              "definition": "http://hl7.org/fhir/OperationDefinition/MessageHeader-process-message"}]
    return {
        "resourceType": "CapabilityStatement", "status": "active", "date": _DATE, "kind": "instance",
        "software": {"name": "fhir-adapter", "version": __version__},
        "implementation": {"description": "Radiology reports in, coded insights out."},
        "fhirVersion": "4.0.1", "format": ["application/fhir+json"], "rest": [rest]}
