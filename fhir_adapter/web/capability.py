"""The CapabilityStatement, made from the routes that there are (FHIR R4, 5.2)."""

from werkzeug.routing import Map

from fhir_adapter import __version__
from fhir_adapter.emitters.notification import GUIDE
from fhir_adapter.model.report import JSON, JSONObject
from fhir_adapter.service.topics import PREFIX, PROFILE
from fhir_adapter.tables.results import ResultTables

_DATE = "2026-11-25"
_INTERACTIONS = (("/fhir/<kind>/<name>", "read"), ("/fhir/<kind>/<name>/_history/<int:version>", "vread"),
                 ("/fhir/<kind>/<name>/_history", "history-instance"), ("/fhir/<kind>", "search-type"))
_OPERATIONS = (
    ("/fhir/$process-message", "POST", "process-message",
     "http://hl7.org/fhir/OperationDefinition/MessageHeader-process-message"),
    ("/fhir/$export", "GET", "export", "http://hl7.org/fhir/uv/bulkdata/OperationDefinition/export"))


def capability_statement(routes: Map, served: ResultTables) -> JSONObject:
    """What the routes of the application and the table of search parameters let a client do."""
    rules = {(rule.rule, method) for rule in routes.iter_rules() for method in rule.methods or ()}
    rest: dict[str, JSON] = {"mode": "server",
                             "security": {"description": "A key as bearer token, where keys are set."}}
    resources: list[JSON] = [_resource(kind, served, rules) for kind in sorted(served.parameters)]
    if ("/fhir/Subscription", "POST") in rules:
        resources.append(_subscription(served, rules))
    rest["resource"] = resources
    if ("/fhir", "POST") in rules:
        rest["interaction"] = [{"code": "transaction"}, {"code": "batch"}]
    rest["operation"] = [{"name": name, "definition": definition} for route, method, name, definition in _OPERATIONS
                         if (route, method) in rules]
    return {
        "resourceType": "CapabilityStatement", "status": "active", "date": _DATE, "kind": "instance",
        "software": {"name": "fhir-adapter", "version": __version__},
        "implementation": {"description": "Radiology reports in, coded insights out."},
        "instantiates": [f"{GUIDE}/CapabilityStatement/backport-subscription-server-r4"],
        "fhirVersion": "4.0.1", "format": ["application/fhir+json"], "rest": [rest]}


def _subscription(served: ResultTables, rules: set[tuple[str, str]]) -> JSON:
    """Subscription: R4 criteria or a topic; which topics there are is told by the extension of the R5 Backport."""
    return {
        "extension": [{"url": f"{GUIDE}/StructureDefinition/capabilitystatement-subscriptiontopic-canonical",
                       "valueCanonical": f"{PREFIX}{name}"} for name in sorted(served.topics)],
        "type": "Subscription", "supportedProfile": [PROFILE],
        "documentation": "Channel rest-hook; the operator allows endpoints. Criteria are a search or a topic: "
                         + "; ".join(f"{one.name}: {one.title}" for one in served.topics.values()) + ".",
        "interaction": [{"code": code} for code in ("create", "read", "update", "delete", "search-type")],
        "operation": [{"name": name, "definition": f"{GUIDE}/OperationDefinition/backport-subscription-{name}"}
                      for name in ("status", "events") if (f"/fhir/Subscription/<name>/${name}", "GET") in rules]}


def _resource(kind: str, served: ResultTables, rules: set[tuple[str, str]]) -> JSON:
    """One type: what can be done with it and what it can be searched by."""
    interactions: list[JSON] = [{"code": code} for route, code in _INTERACTIONS if (route, "GET") in rules]
    out: dict[str, JSON] = {"type": kind, "versioning": "versioned", "conditionalRead": "not-match"}
    if kind == "DiagnosticReport" and ("/fhir/<kind>", "POST") in rules:
        interactions.append({"code": "create"})
        out["documentation"] = "A report that is posted is answered with the transaction Bundle that it becomes."
    out["interaction"] = interactions
    parameters = served.parameters[kind].values()
    out["searchInclude"] = [f"{kind}:{one.name}" for one in parameters if one.type == "reference"]
    out["searchRevInclude"] = [f"{other}:{one.name}" for other, some in sorted(served.parameters.items())
                               for one in some.values() if one.type == "reference"]
    listed: list[JSON] = [{"name": "_id", "type": "token"}, {"name": "_lastUpdated", "type": "date"}]
    listed += [{"name": one.name, "type": one.type} for one in parameters]
    out["searchParam"] = listed
    return out
