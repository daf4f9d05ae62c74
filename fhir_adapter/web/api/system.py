"""Is it alive, is it ready, what are its numbers."""

from flask import Blueprint, Response, current_app, jsonify

from fhir_adapter import __version__
from fhir_adapter.errors import StoreError
from fhir_adapter.service import metrics
from fhir_adapter.web.station import Station

ROUTES = Blueprint("system", __name__)


@ROUTES.get("/health/live")
def live() -> Response:
    """The process answers."""
    return jsonify(status="live", version=__version__)


@ROUTES.get("/health/ready")
def ready() -> tuple[Response, int]:
    """The engine is warm (it is before the first request) and the store can be opened."""
    station: Station = current_app.extensions["station"]
    try:
        assert station.intake is not None
    except StoreError as error:
        return jsonify(status="not ready", code=error.issues[0].code), 503
    return jsonify(status="ready", engine=station.adapter.engine.name), 200


@ROUTES.get("/metrics")
def numbers() -> Response:
    """Prometheus' text format."""
    return Response(metrics.exposition(), content_type=metrics.MEDIA_TYPE)
