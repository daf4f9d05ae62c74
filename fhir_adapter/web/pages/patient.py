"""`/patients/<id>`: a patient by pseudonym: reports over time, and the sizes of lesions."""

from flask import Blueprint, Response, current_app

from fhir_adapter.service.course import Course, course
from fhir_adapter.web.pages.download import comma_separated
from fhir_adapter.web.pages.page import page, told
from fhir_adapter.web.station import Station

ROUTES = Blueprint("patient", __name__)
told(ROUTES)


def _course(name: object) -> Course:
    station: Station = current_app.extensions["station"]
    return course(station.intake.database, str(name))


@page(ROUTES, "/patients/<uuid:name>", "patient.html")
def patient(name: object) -> Course:
    """The timeline of reports, and each lesion's sizes as a plot and as a table."""
    return _course(name)


@ROUTES.get("/patients/<uuid:name>/lesions.csv")
def lesions(name: object) -> Response:
    """All sizes as CSV."""
    rows = [(one.name, size.at.isoformat(), size.millimetres) for one in _course(name).lesions for size in one.sizes]
    return comma_separated("lesions", ("lesion", "at", "millimetres"), rows)
