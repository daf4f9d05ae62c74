"""The Flask application: routes from `api/`, and around every request the same: access, limits, log, metrics."""

import time
from uuid import uuid4

from flask import Flask, Response, g, request
from werkzeug.exceptions import HTTPException

from fhir_adapter import __version__
from fhir_adapter.errors import AdapterError
from fhir_adapter.issues import Issue
from fhir_adapter.service.adapter import Adapter
from fhir_adapter.service.logs import tell
from fhir_adapter.service.metrics import REQUEST_SECONDS, REQUESTS
from fhir_adapter.web import access, origin
from fhir_adapter.web.answers import HEALTH_INSIGHTS, outcome, refusal
from fhir_adapter.web.api import (
    documentation,
    fhir,
    hl7v2,
    notifications,
    radiology_insights,
    reports,
    results,
    subscription,
    system,
)
from fhir_adapter.web.pages.formats import FILTERS
from fhir_adapter.web.pages.registry import NAVIGATION, PAGES
from fhir_adapter.web.pages.tables import rule_address
from fhir_adapter.web.sessions import sessions
from fhir_adapter.web.station import Station

_HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Content-Security-Policy": "default-src 'self'; object-src 'none'; base-uri 'none'; frame-ancestors 'none'; "
                               "form-action 'self'",
    # Not "no-referrer": a browser then sends `Origin: null` with the forms of our own pages, which is refused.
    "Referrer-Policy": "same-origin",
    "Cache-Control": "no-store",
}
_CODES = {404: "NET-601", 405: "NET-602", 413: "NET-603", 415: "NET-600"}


def create_app(adapter: Adapter, *, demo: bool = False) -> Flask:
    """The application for one loaded adapter; with `demo` its pages say that everything is invented."""
    app = Flask("fhir_adapter.web")
    app.config["MAX_CONTENT_LENGTH"] = adapter.settings.max_message_bytes
    app.config["MAX_FORM_MEMORY_SIZE"] = adapter.settings.max_message_bytes
    # Without these two, Flask would print the traceback of an error, and a traceback may quote a message.
    app.config["PROPAGATE_EXCEPTIONS"] = False
    app.logger.disabled = True
    app.extensions["station"] = Station(adapter)
    for room in (hl7v2, fhir, reports, radiology_insights, notifications, subscription, results, system,
                 documentation):
        app.register_blueprint(room.ROUTES)
    for one in PAGES:
        app.register_blueprint(one)
    app.extensions[access.PAGES] = frozenset(one.name for one in PAGES)
    app.jinja_env.globals.update(navigation=NAVIGATION, version=__version__, logged_in=access.logged_in,
                                 rule_address=rule_address, demonstration=demo)
    app.jinja_env.filters.update(FILTERS)
    sessions(app, adapter.settings, PAGES)


    @app.before_request
    def admit() -> Response | None:
        g.started, g.request_id = time.monotonic(), uuid4().hex
        return origin.refused(adapter.settings) or access.refused(adapter.settings)

    @app.after_request
    def finish(answer: Response) -> Response:
        for name, value in _HEADERS.items():
            answer.headers.setdefault(name, value)
        answer.headers["X-Request-Id"] = g.request_id
        if request.path.startswith(HEALTH_INSIGHTS):
            answer.headers["x-ms-request-id"] = g.request_id
            if "Repeatability-Request-ID" in request.headers:
                answer.headers["Repeatability-Result"] = "accepted" if answer.status_code < 300 else "rejected"
        # The rule, not the address: what a client put into the path or the query is not ours to write down.
        route = str(request.url_rule) if request.url_rule else "none"
        seconds = time.monotonic() - g.started
        REQUESTS.labels(request.method if request.url_rule else "other", route, str(answer.status_code)).inc()
        REQUEST_SECONDS.labels(route).observe(seconds)
        tell("request", method=request.method, route=route, status=answer.status_code,
             milliseconds=round(1000 * seconds, 1), reference=g.request_id)
        return answer

    @app.errorhandler(HTTPException)
    def http(error: HTTPException) -> Response:
        status = error.code or 500
        answer = outcome(status, Issue.at(_CODES.get(status, "NET-600" if status < 500 else "NET-604")))
        if status == 405:
            answer.headers["Allow"] = ", ".join(sorted(getattr(error, "valid_methods", None) or ()))
        return answer

    @app.errorhandler(AdapterError)
    def known(error: AdapterError) -> Response:
        return refusal(error)

    @app.errorhandler(Exception)
    def unforeseen(error: Exception) -> Response:
        tell("failed", level=40, code="NET-604", exception=type(error).__name__, reference=g.request_id)
        return outcome(500, Issue.at("NET-604"))

    return app
