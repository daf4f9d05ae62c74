"""`/openapi.json` and `/docs`: what can be asked here."""

from flask import Blueprint, Response, current_app, jsonify, render_template

from fhir_adapter.issues import CATALOGUE
from fhir_adapter.web.openapi import description

ROUTES = Blueprint("documentation", __name__)


@ROUTES.get("/openapi.json")
def openapi() -> Response:
    """The OpenAPI description of every address."""
    return jsonify(description(current_app))


@ROUTES.get("/docs")
def docs() -> str:
    """The same for people, with the codes of what can go wrong."""
    return render_template("docs.html", api=description(current_app), catalogue=CATALOGUE.values())
