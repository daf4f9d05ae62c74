"""
How a page is written: a view returns one frozen dataclass, and every page has two forms of it.

    @page(ROUTES, "/messages", "messages.html")
    def messages() -> Messages: ...

`/messages` answers in HTML, or in JSON where the client prefers that (`Accept`); `/messages.json` always in JSON. Both
show the same data. In the template it is `page`; forms bring `csrf_field()`.
"""

from collections.abc import Callable, Mapping
from dataclasses import fields, is_dataclass
from datetime import date
from decimal import Decimal
from enum import Enum
from functools import wraps
from typing import Any

from flask import Blueprint, Response, jsonify, render_template, request
from werkzeug.exceptions import HTTPException
from werkzeug.wrappers import Response as BaseResponse

from fhir_adapter.errors import AdapterError
from fhir_adapter.issues import Issue
from fhir_adapter.model.report import JSON
from fhir_adapter.service.messages import NotThere
from fhir_adapter.web.answers import issues_of, outcome, status_of

TWIN = ".json"
"""What the endpoint and the address of a page's twin end with."""

View = Callable[..., Any]


def page(routes: Blueprint, rule: str, template: str, *, twin: str = "",
         methods: tuple[str, ...] = ("GET",)) -> Callable[[View], View]:
    """Route a view under `rule` and its JSON twin under `twin` (by default `rule` with `.json`)."""

    def register(view: View) -> View:
        @wraps(view)
        def answer(**arguments: str) -> BaseResponse:
            shown = view(**arguments)
            if isinstance(shown, BaseResponse):
                return shown
            status = getattr(shown, "status_code", 200)
            if wants_json():
                made = jsonify(plain(shown))
            else:
                made = Response(render_template(f"pages/{template}", page=shown), mimetype="text/html")
            made.status_code = status
            made.vary.add("Accept")
            return made

        routes.add_url_rule(rule, view.__name__, answer, methods=list(methods))
        routes.add_url_rule(twin or f"{rule}{TWIN}", f"{view.__name__}{TWIN.replace('.', '_')}", answer,
                            methods=list(methods))
        return view

    return register


def wants_json() -> bool:
    """Whether the client asked for the twin, by its address or by preferring JSON to HTML."""
    if (request.endpoint or "").endswith(TWIN.replace(".", "_")):
        return True
    accepted = request.accept_mimetypes
    return accepted["application/json"] > accepted["text/html"]


def plain(value: object) -> JSON:
    """Any data of a page as JSON: dataclasses as objects, times in ISO 8601, decimals as numbers."""
    out: JSON
    match value:
        case Enum():
            out = plain(value.value)
        case None | bool() | int() | float() | str():
            out = value
        case Decimal():
            out = float(value)
        case date():
            out = value.isoformat()
        case Mapping():
            out = {str(key): plain(one) for key, one in value.items()}
        case list() | tuple() | set() | frozenset():
            out = [plain(one) for one in value]
        case _ if is_dataclass(value) and not isinstance(value, type):
            out = {field.name: plain(getattr(value, field.name)) for field in fields(value) if field.repr}
        case _:
            raise TypeError(f"a page shows no {type(value).__name__}")
    return out


def told(routes: Blueprint) -> None:
    """Have errors of these pages told to people as a page, to programs as the API does."""

    @routes.errorhandler(HTTPException)
    def http(error: HTTPException) -> Response:
        status = error.code or 500
        code = {404: "NET-607", 405: "NET-602", 413: "NET-603"}.get(status, "NET-608" if status < 500 else "NET-604")
        return _error(status, Issue.at(code))

    @routes.errorhandler(NotThere)
    def missing(_: NotThere) -> Response:
        return _error(404, Issue.at("NET-607"))

    @routes.errorhandler(AdapterError)
    def known(error: AdapterError) -> Response:
        return _error(status_of(error), *issues_of(error))


def _error(status: int, *issues: Issue) -> Response:
    if wants_json():
        return outcome(status, *issues)
    return Response(render_template("pages/error.html", status=status, issues=issues), status=status,
                    mimetype="text/html")
