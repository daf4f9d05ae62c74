"""`/system`: is each part well, what is set and from where, which versions run, who looked at what."""

from flask import Blueprint, current_app

from fhir_adapter.service.installation import Installation, installation
from fhir_adapter.web.pages.page import page, told
from fhir_adapter.web.station import Station

ROUTES = Blueprint("system_page", __name__)
told(ROUTES)


@page(ROUTES, "/system", "system.html")
def system() -> Installation:
    """Health, versions, settings with their origin, and the latest looks at messages."""
    station: Station = current_app.extensions["station"]
    return installation(station.intake, station.adapter)
