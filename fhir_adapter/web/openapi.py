"""The OpenAPI 3.1 description, made from the routes and the first sentences of the functions that answer them."""

import re

from flask import Flask

from fhir_adapter import __version__
from fhir_adapter.model.report import JSON, JSONObject
from fhir_adapter.readers.plain import FIELDS
from fhir_adapter.web import job_description
from fhir_adapter.web.access import PAGES
from fhir_adapter.web.answers import HEALTH_INSIGHTS
from fhir_adapter.web.api.reports import HEADERS, TYPES
from fhir_adapter.web.bodies import FHIR_TYPES, HL7_TYPES

_BODIES = {"/hl7v2": HL7_TYPES, "/fhir": FHIR_TYPES, "/fhir/{kind}": FHIR_TYPES, "/fhir/$process-message": FHIR_TYPES,
           "/v1/reports": TYPES}
_PREFER = {"/hl7v2": "return=representation: the bundle as the answer, and nothing kept.",
           "/fhir": "respond-async: keep it and answer 202 with the address of a job.",
           "/fhir/{kind}": "respond-async: keep it and answer 202 with the address of a job.",
           "/v1/reports": "respond-async: keep it and answer 202 with the address of a job."}
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
    parameters: list[JSON] = [{"name": name, "in": "path", "required": True, "schema": {"type": "string"}}
                              for name in arguments]
    if method == "POST" and path in _PREFER:
        parameters.append(_header("Prefer", _PREFER[path]))
    if method == "POST" and path == "/v1/reports":
        parameters += [_header(name, f"With text/plain. {FIELDS[field].about}") for name, field in HEADERS.items()]
    is_job = path.startswith(HEALTH_INSIGHTS)
    if is_job:
        parameters += job_description.parameters()
    if parameters:
        out["parameters"] = parameters
    if method in ("POST", "PUT"):
        content: dict[str, JSON] = {kind: {} for kind in _BODIES.get(path, ("application/json",))}
        if path == "/v1/reports":
            content["application/json"] = {"schema": _plain()}
        if is_job:
            content["application/json"] = {"schema": job_description.body()}
        out["requestBody"] = {"required": True, "content": content}
    if is_job:
        return out | {"responses": job_description.responses(method)}
    out["responses"] = {"200": {"description": "Well."}, "4XX": {"description": "Refused; an OperationOutcome or an "
                        "acknowledgement names code, place, rule and mend."}, "5XX": {"description": "Our fault."}}
    return out


def _header(name: str, about: str) -> JSON:
    return {"name": name, "in": "header", "schema": {"type": "string"}, "description": about}


def _plain() -> JSON:
    """The JSON object of plain words, as `readers.plain` takes it."""
    root: dict[str, JSON] = {}
    groups: dict[str, dict[str, JSON]] = {}
    for place, field in FIELDS.items():
        one: dict[str, JSON] = {"description": field.about, "type": _TYPES[field.kind]}
        if field.kind is list:
            one["items"] = {"type": "string"}
        if field.values:
            one["enum"] = list(field.values)
        if field.pattern:
            one["pattern"] = f"^{field.pattern}$"
        group, _, name = place.rpartition(".")
        (groups.setdefault(group, {}) if group else root)[name] = one
    for group, inner in groups.items():
        root[group] = {"type": "object", "properties": inner, "additionalProperties": False}
    return {"type": "object", "required": ["text"], "properties": root, "additionalProperties": False}


_TYPES: dict[type, JSON] = {str: "string", int: "integer", list: "array"}
