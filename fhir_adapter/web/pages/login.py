"""`/login`, `/logout`: a person with a key gets a session."""

from urllib.parse import urlsplit

from flask import Blueprint, current_app, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from fhir_adapter.web import access
from fhir_adapter.web.pages.page import told
from fhir_adapter.web.station import Station

ROUTES = Blueprint("login", __name__)
told(ROUTES)


@ROUTES.route("/login", methods=["GET", "POST"])
def login() -> Response | str | tuple[str, int]:
    """Ask for a key and begin a session."""
    station: Station = current_app.extensions["station"]
    target = _local(request.values.get("next", ""))
    if not station.adapter.settings.api_keys:
        return redirect(target)
    if request.method == "GET":
        return render_template("pages/login.html", target=target, wrong=False)
    if access.log_in(station.adapter.settings, request.form.get("key", "")):
        return redirect(target)
    return render_template("pages/login.html", target=target, wrong=True), 401


@ROUTES.post("/logout")
def logout() -> Response:
    """End the session."""
    access.log_out()
    return redirect(url_for("login.login"))


def _local(target: str) -> str:
    """Where to go afterwards: an address of ours, never one that a link from elsewhere smuggled in."""
    parts = urlsplit(target)
    if parts.scheme or parts.netloc or not target.startswith("/") or target.startswith("//") or "\\" in target:
        return "/"
    return target
