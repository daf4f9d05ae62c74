"""`/worklist`: what waits for a person, and what people say of it."""

from datetime import UTC, datetime
from uuid import UUID

from flask import Blueprint, Response, current_app, g, redirect, request, url_for
from werkzeug.wrappers import Response as BaseResponse

from fhir_adapter.service.worklist import Decision, Worklist, case, decide
from fhir_adapter.service.worklist import worklist as look
from fhir_adapter.web.pages.page import page, told
from fhir_adapter.web.station import Station

ROUTES = Blueprint("worklist", __name__)
told(ROUTES)


def _station() -> Station:
    station: Station = current_app.extensions["station"]
    return station


@page(ROUTES, "/worklist", "worklist.html")
def worklist() -> Worklist:
    """Critical results nobody was told of, follow-ups overdue and due, discrepancies; each until someone settles it."""
    return look(_station().intake.database, now=datetime.now(UTC), modality=request.args.get("modality", "")[:16],
                group=request.args.get("group", ""))


@ROUTES.post("/worklist/<kind>/<name>")
def say(kind: str, name: str) -> BaseResponse:
    """Accept or reject an insight, mark it done, or open it again; leads back to where it was said."""
    given = request.form.get("reject", "")
    decide(_station().intake.database, kind, name, Decision.REJECTED if given else request.form.get("decision", ""),
           reason=given or request.form.get("reason", ""), actor=g.actor, now=datetime.now(UTC))
    if message := _identifier(request.form.get("message", "")):
        return redirect(url_for("message.message", name=message, _anchor=request.form.get("group") or None))
    return redirect(url_for("worklist.worklist", modality=request.form.get("modality") or None,
                            group=request.form.get("only") or None, _anchor=request.form.get("group") or None))


def _identifier(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None


@ROUTES.get("/worklist/<kind>/<name>/case.yaml")
def as_case(kind: str, name: str) -> Response:
    """A rejected insight as a case for the tests of its detector."""
    answer = Response(case(_station().intake.database, kind, name), mimetype="application/yaml")
    answer.headers["Content-Disposition"] = f'attachment; filename="case-{name[:8]}.yaml"'
    return answer
