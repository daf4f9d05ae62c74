"""
`/health-insights/radiology-insights/jobs/{id}`: the Radiology Insights API; its published clients work unchanged.

A job is done when its PUT is answered: 201 with the result already in it, 200 where the same request was answered
before. Errors have the form of the API. The answer holds the sender's own ids and dates, and goes to nobody else.
"""

from flask import Blueprint, Response, current_app, request, url_for

from fhir_adapter.service import inference_jobs
from fhir_adapter.store.inference_jobs import Answered
from fhir_adapter.web import access
from fhir_adapter.web.address import base
from fhir_adapter.web.bodies import body
from fhir_adapter.web.conversion import counted
from fhir_adapter.web.station import Station

ROUTES = Blueprint("radiology_insights", __name__)
TYPES = ("application/json",)
_PATH = "/health-insights/radiology-insights/jobs/<name>"


@ROUTES.put(_PATH)
def put(name: str) -> Response:
    """Infer what a report means: 201 with the finished job, 200 for the same request again, 409 for another one."""
    station: Station = current_app.extensions["station"]
    settings = station.adapter.settings
    taken = inference_jobs.put(
        station.intake.database, station.adapter, body(settings, TYPES), caller=access.caller(settings), name=name,
        version=_version(), seen=lambda outcome: counted((outcome,)))
    answer = _told(taken.job, 201 if taken.fresh else 200)
    address = f"{base(settings)}{url_for('radiology_insights.get', name=name)}"
    answer.headers["Operation-Location"] = f"{address}?api-version={_version()}"
    answer.headers["Retry-After"] = "1"
    return answer


@ROUTES.get(_PATH)
def get(name: str) -> Response:
    """The job of this id, for 24 hours, to the key that made it."""
    station: Station = current_app.extensions["station"]
    settings = station.adapter.settings
    return _told(inference_jobs.get(station.intake.database, settings, caller=access.caller(settings), name=name,
                                    version=_version()), 200)


def _version() -> str:
    return request.args.get("api-version", "")


def _told(job: Answered, status: int) -> Response:
    return Response(job.content, status=status, mimetype=TYPES[0])
