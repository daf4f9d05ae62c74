"""The OpenAPI 3.1 description, made from the routes and the first sentences of the functions that answer them."""

import re

from flask import Flask

from fhir_adapter import __version__
from fhir_adapter.model.report import JSON, JSONObject
from fhir_adapter.web.access import PAGES
from fhir_adapter.web.bodies import FHIR_TYPES, HL7_TYPES

_BODIES = {"/hl7v2": HL7_TYPES, "/fhir": FHIR_TYPES, "/fhir/{kind}": FHIR_TYPES, "/fhir/$process-message": FHIR_TYPES}
_HIDDEN = {"static"}


def description(app: Flask) -> JSONObject:
    """Every route with its methods, parameters, bodies and answers; of pages for people, their JSON twins."""
    paths: dict[str, JSON] = {}
    pages = app.extensions.get(PAGES, ())
    for rule in sorted(app.url_map.iter_rules(), key=lambda r: r.rule):
        if rule.endpoint in _HIDDEN or (_blueprint(rule.endpoint) in pages and not rule.endpoint.endswith("_json")):
            continue
        path = re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", rule.rule)
        methods: dict[str, JSON] = {}
        for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"}):
            methods[method.lower()] = _operation(app, rule.endpoint, method, path, sorted(rule.arguments))
        known = paths.get(path)
        paths[path] = {**known, **methods} if isinstance(known, dict) else methods
    return {
        "openapi": "3.1.0",
        "info": {"title": "fhir-adapter", "version": __version__,
                 "summary": "Radiology reports in; de-identified, coded FHIR R4 insights out"},
        "components": {"securitySchemes": {"key": {"type": "http", "scheme": "bearer"}}},
        "paths": paths}


def _blueprint(endpoint: str) -> str:
    return endpoint.rpartition(".")[0]


def _operation(app: Flask, endpoint: str, method: str, path: str, arguments: list[str]) -> JSON:
    told = (app.view_functions[endpoint].__doc__ or "").strip()
    out: dict[str, JSON] = {"summary": told.split("\n")[0], "operationId": f"{method.lower()} {path}"}
    if arguments:
        out["parameters"] = [{"name": name, "in": "path", "required": True, "schema": {"type": "string"}}
                             for name in arguments]
    if method in ("POST", "PUT"):
        kinds = _BODIES.get(path, ("application/json",))
        out["requestBody"] = {"required": True, "content": {kind: {} for kind in kinds}}
    out["responses"] = {"200": {"description": "Well."}, "4XX": {"description": "Refused; an OperationOutcome or an "
                        "acknowledgement names code, place, rule and mend."}, "5XX": {"description": "Our fault."}}
    return out
