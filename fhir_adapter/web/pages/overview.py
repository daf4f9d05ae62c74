"""`/`: the five questions that someone on call asks first, answered without a click."""

from datetime import UTC, datetime

from flask import Blueprint, current_app

from fhir_adapter.service.overview import Overview
from fhir_adapter.service.overview import overview as look
from fhir_adapter.web.pages.page import page, told
from fhir_adapter.web.station import Station

ROUTES = Blueprint("overview", __name__)
told(ROUTES)


@page(ROUTES, "/", "overview.html", twin="/overview.json")
def overview() -> Overview:
    """Is it running, is anything stuck, what goes wrong most, is the volume usual, which versions are live."""
    station: Station = current_app.extensions["station"]
    return look(station.intake.database, station.adapter, now=datetime.now(UTC))
