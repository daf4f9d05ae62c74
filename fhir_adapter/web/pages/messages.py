"""`/messages`: find messages by a query, and have all that it finds processed anew."""

from dataclasses import replace
from datetime import UTC, datetime

from flask import Blueprint, current_app, g, redirect, request, url_for
from werkzeug.wrappers import Response

from fhir_adapter.service.message_list import MessageList, Preview, listed, preview
from fhir_adapter.service.messages import parse, retry
from fhir_adapter.web.pages.page import page, told
from fhir_adapter.web.station import Station

ROUTES = Blueprint("messages", __name__)
told(ROUTES)


def _station() -> Station:
    station: Station = current_app.extensions["station"]
    return station


@page(ROUTES, "/messages", "messages.html")
def messages() -> MessageList:
    """Messages, the newest first: `q` is a query as of `fhir-adapter messages`, `before` the page before."""
    before = request.args.get("before", "")
    return listed(_station().intake.database, request.args.get("q", ""), now=datetime.now(UTC),
                  before=int(before) if before.isdecimal() and len(before) < 16 else None)


@page(ROUTES, "/messages/search", "messages.html", methods=("POST",))
def search() -> MessageList | Response:
    """Take a query from the search field, and make an address of it only if it is one.

    What someone typed by mistake, such as a name, comes into no address.
    """
    query = request.form.get("q", "").strip()
    found = listed(_station().intake.database, query, now=datetime.now(UTC), limit=1)
    return found if found.error else redirect(url_for("messages.messages", q=query or None))


@page(ROUTES, "/messages/retry", "retry.html", methods=("GET", "POST"))
def again() -> Preview:
    """Say how many messages of a query a retry would touch; POST does it."""
    intake, query, now = _station().intake, request.values.get("q", ""), datetime.now(UTC)
    seen = preview(intake, query, now=now)
    if request.method == "GET" or seen.error:
        return seen
    done = retry(intake, parse(query, now=now), go=True, actor=g.actor)
    return replace(seen, ready=done.number, gone=done.gone, done=True)
