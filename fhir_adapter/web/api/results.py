"""`GET /fhir/…`: the stored results as FHIR R4: read, vread, history, search, export."""

import json
from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime
from urllib.parse import urlencode

from flask import Blueprint, Response, current_app, request

from fhir_adapter.emitters.summary import MODES, elements, summary
from fhir_adapter.issues import Issue
from fhir_adapter.model.report import JSON, JSONObject
from fhir_adapter.service.results import Found, Results, SearchRefused, Stored
from fhir_adapter.web.address import base
from fhir_adapter.web.answers import fhir, outcome
from fhir_adapter.web.station import Station

ROUTES = Blueprint("results", __name__)
_NDJSON = "application/fhir+ndjson"


def _results() -> Results:
    station: Station = current_app.extensions["station"]
    return Results(station.intake.database, station.adapter.tables.results)


def _served(kind: str) -> bool:
    station: Station = current_app.extensions["station"]
    return kind in station.adapter.tables.results.parameters


def _base() -> str:
    station: Station = current_app.extensions["station"]
    return f"{base(station.adapter.settings)}/fhir"


@ROUTES.get("/fhir/<kind>/<name>")
def read(kind: str, name: str) -> Response:
    """The current version of a resource; 304 where the client has it already."""
    found = _results().read(kind, name) if _served(kind) else None
    return outcome(404, Issue.at("NET-607")) if found is None else _one(found)


@ROUTES.get("/fhir/<kind>/<name>/_history/<int:version>")
def vread(kind: str, name: str, version: int) -> Response:
    """One version of a resource."""
    versions = _results().versions(kind, name) if _served(kind) else ()
    found = next((one for one in versions if one.version == version), None)
    return outcome(404, Issue.at("NET-607")) if found is None else _one(found)


@ROUTES.get("/fhir/<kind>/<name>/_history")
def history(kind: str, name: str) -> Response:
    """All versions of a resource, the newest first."""
    versions = _results().versions(kind, name) if _served(kind) else ()
    if not versions:
        return outcome(404, Issue.at("NET-607"))
    entries: list[JSON] = [
        {"fullUrl": f"{_base()}/{kind}/{name}", "resource": dict(one.resource),
         "request": {"method": "PUT", "url": f"{kind}/{name}"},
         "response": {"status": "201" if one.version == 1 else "200", "etag": _etag(one),
                      "lastModified": one.updated}} for one in versions]
    return fhir({"resourceType": "Bundle", "type": "history", "total": len(versions),
                 "link": [{"relation": "self", "url": f"{_base()}/{kind}/{name}/_history"}], "entry": entries})


@ROUTES.get("/fhir/<kind>")
def search(kind: str) -> Response:
    """Resources of a type by search parameters, in pages."""
    return _search(kind, list(request.args.items(multi=True)))


@ROUTES.post("/fhir/<kind>/_search")
def search_by_form(kind: str) -> Response:
    """The same, with the parameters in the body, where addresses are logged on the way."""
    return _search(kind, [*request.args.items(multi=True), *request.form.items(multi=True)])


def _search(kind: str, given: list[tuple[str, str]]) -> Response:
    if not _served(kind):
        return outcome(404, Issue.at("NET-601"))
    strict = "handling=strict" in request.headers.get("Prefer", "")
    try:
        found = _results().search(kind, given, strict=strict)
        less = _less(given)
    except SearchRefused as error:
        return outcome(400, Issue.at("NET-608", error.where))
    entries: list[JSON] = []
    for mode, some in (("match", found.matches), ("include", found.included)):
        entries += [{"fullUrl": f"{_base()}/{one.type}/{one.id}", "resource": dict(less(one.resource)),
                     "search": {"mode": mode}} for one in some]
    bundle: dict[str, JSON] = {"resourceType": "Bundle", "type": "searchset", "total": found.total,
                               "link": list(_links(kind, found))}
    if entries:
        bundle["entry"] = entries
    return fhir(bundle)


def _less(given: Iterable[tuple[str, str]]) -> Callable[[JSONObject], JSONObject]:
    """How much of each resource the client wants."""
    asked = dict(given)
    mode, names = asked.get("_summary", "false"), [one for one in asked.get("_elements", "").split(",") if one]
    if mode not in MODES or (names and mode not in ("false", "count")):
        raise SearchRefused("_summary")
    return (lambda resource: elements(resource, names)) if names else (lambda resource: summary(resource, mode))


def _links(kind: str, found: Found) -> Iterator[JSON]:
    kept = [(key, value) for key, value in found.understood if key != "_offset"]

    def link(relation: str, offset: int) -> JSON:
        query = urlencode([*kept, *([("_offset", str(offset))] if offset else [])])
        return {"relation": relation, "url": f"{_base()}/{kind}{'?' if query else ''}{query}"}

    yield link("self", found.offset)
    if found.size and found.offset + found.size < found.total and found.matches:
        yield link("next", found.offset + found.size)
    if found.offset and found.size:
        yield link("previous", max(0, found.offset - found.size))


def _one(found: Stored) -> Response:
    headers = {"ETag": _etag(found), "Last-Modified": datetime.fromisoformat(found.updated).strftime(
        "%a, %d %b %Y %H:%M:%S GMT")}
    asked = request.headers.get("If-None-Match", "")
    if asked and (asked == "*" or _etag(found) in [one.strip() for one in asked.split(",")]):
        return Response(status=304, headers=headers)
    try:
        answer = fhir(_less(request.args.items(multi=True))(found.resource))
    except SearchRefused as error:
        return outcome(400, Issue.at("NET-608", error.where))
    answer.headers.update(headers)
    return answer


def _etag(found: Stored) -> str:
    return f'W/"{found.version}"'


@ROUTES.get("/fhir/$export")
def export() -> Response:
    """Begin a bulk export (Bulk Data Access): the answer says where it will be."""
    if "respond-async" not in request.headers.get("Prefer", ""):
        return outcome(400, Issue.at("NET-608", "Prefer"))
    kept = [(name, request.args[name]) for name in ("_type", "_since") if name in request.args]
    query = urlencode(kept)
    where = f"{_base()}/$export/{_results().last_key()}{'?' if query else ''}{query}"
    return Response(status=202, headers={"Content-Location": where})


@ROUTES.get("/fhir/$export/<int:key>")
def exported(key: int) -> Response:
    """The manifest of an export. Nothing was copied: versions stay, so the results of that moment can be read later."""
    station: Station = current_app.extensions["station"]
    served = station.adapter.tables.results.parameters
    kinds = [kind for kind in request.args.get("_type", ",".join(served)).split(",") if kind in served]
    since = request.args.get("_since", "")
    query = f"?{urlencode({'_since': since})}" if since else ""
    output: list[JSON] = [{"type": kind, "url": f"{_base()}/$export/{key}/{kind}.ndjson{query}"} for kind in kinds]
    now = datetime.now(UTC).isoformat(timespec="seconds")
    return Response(json.dumps({"transactionTime": now, "request": request.url, "requiresAccessToken":
                                bool(station.adapter.settings.api_keys), "output": output, "error": []}),
                    mimetype="application/json")


@ROUTES.get("/fhir/$export/<int:key>/<kind>.ndjson")
def exported_lines(key: int, kind: str) -> Response:
    """One type of an export, a resource a line."""
    if not _served(kind):
        return outcome(404, Issue.at("NET-607"))
    results, since = _results(), request.args.get("_since", "")

    def lines() -> Iterator[str]:
        for one in results.as_of(kind, key, since=since):
            yield json.dumps(one.resource, ensure_ascii=False, separators=(",", ":")) + "\n"

    return Response(lines(), mimetype=_NDJSON)
