"""`/tables`: the mappings and profiles with their sources, and what they make of a phrase or a message."""

from flask import Blueprint, abort, current_app, request, url_for

from fhir_adapter.service import table_view
from fhir_adapter.service.adapter import Adapter
from fhir_adapter.service.table_view import TableList, TableView
from fhir_adapter.tables.catalogue import catalogue
from fhir_adapter.web.pages.page import page, told
from fhir_adapter.web.station import Station

ROUTES = Blueprint("tables", __name__)
told(ROUTES)


def _adapter() -> Adapter:
    station: Station = current_app.extensions["station"]
    return station.adapter


@page(ROUTES, "/tables", "tables.html")
def tables() -> TableList:
    """All tables with what they say of themselves."""
    return table_view.listed(_adapter())


@page(ROUTES, "/tables/try", "tables.html", methods=("POST",))
def attempt() -> TableList:
    """What the tables recognise in a `phrase`, or what in a `message` does not conform. Nothing is kept."""
    if message := request.form.get("message", "").strip():
        return table_view.judged(_adapter(), message)
    return table_view.tried(_adapter(), request.form.get("phrase", ""))


@page(ROUTES, "/table/<path:name>", "table.html", twin="/table.json/<path:name>", methods=("GET", "POST"))
def table(name: str) -> TableView:
    """The rows of one table; `words` leaves those that hold all of them."""
    return table_view.table(_adapter(), name, request.values.get("words", "")) or abort(404)


def rule_address(rule: str) -> str:
    """Where the table row is that a rule such as `critical_results.yaml pulmonary-embolism` names; empty for none."""
    file, _, row = rule.partition(" ")
    found = next((one.path for one in catalogue(_adapter().settings.tables_dir)
                  if one.path.rsplit("/", 1)[-1] == file), "")
    return url_for("tables.table", name=found, words=row or None) if found else ""
