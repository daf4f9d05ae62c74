"""`/messages/<id>`: one message, what it became and why; edited and sent again as a linked child."""

from datetime import UTC, datetime

from flask import Blueprint, current_app, g, redirect, request, url_for
from werkzeug.exceptions import BadRequest
from werkzeug.wrappers import Response

from fhir_adapter.errors import AdapterError
from fhir_adapter.service import messages
from fhir_adapter.service.showing.message import ShownMessage
from fhir_adapter.service.showing.message import message as show
from fhir_adapter.web.pages.page import page, told
from fhir_adapter.web.station import Station
from fhir_adapter.wire import charsets, frames

ROUTES = Blueprint("message", __name__)
told(ROUTES)


def _station() -> Station:
    station: Station = current_app.extensions["station"]
    return station


@page(ROUTES, "/messages/<uuid:name>", "message.html")
def message(name: object) -> ShownMessage:
    """One message without who it is about, its reports with their evidence, its insights and resources, its journey."""
    station = _station()
    return show(station.intake, station.adapter, str(name), actor=g.actor)


@page(ROUTES, "/messages/<uuid:name>/content", "message.html", methods=("POST",))
def content(name: object) -> ShownMessage:
    """The same with who it is about; that someone looked is noted before."""
    station = _station()
    messages.content(station.intake, str(name), actor=g.actor)
    return show(station.intake, station.adapter, str(name), actor=g.actor, hidden=False)


@ROUTES.post("/messages/<uuid:name>/retry")
def again(name: object) -> Response:
    """Have one message processed anew."""
    intake = _station().intake
    messages.retry(intake, messages.parse(f"message:{name}", now=datetime.now(UTC)), go=True, actor=g.actor)
    return redirect(url_for("message.message", name=str(name)))


@ROUTES.post("/messages/<uuid:name>/edit")
def edit(name: object) -> Response:
    """Take an edited message in the place of another, which stays and points to it."""
    station = _station()
    before, _ = messages.content(station.intake, str(name), actor=g.actor)
    kept = messages.edit(station.intake, str(name), _encoded(request.form.get("content", ""), before), actor=g.actor)
    return redirect(url_for("message.message", name=kept.id))


def _encoded(text: str, before: bytes) -> bytes:
    """The edited text in the character set and with the line ends of the message that it comes from."""
    lines = text.replace("\r\n", "\n")
    try:
        original, codec, _ = charsets.decode(frames.strip(before))
        if not original.lstrip("\ufeff \t\r\n").startswith(("{", "[")):
            lines = lines.replace("\n", "\r")
        return lines.encode(codec)
    except (AdapterError, UnicodeEncodeError):
        raise BadRequest from None
