"""`/quality`: how the department and the engine do, over weeks."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import astuple, fields
from datetime import UTC, datetime

from flask import Blueprint, Response, current_app, request
from werkzeug.exceptions import NotFound

from fhir_adapter.service.quality import FollowedUp, Measure, Minutes, Quality, Rate, Share, Split, Week
from fhir_adapter.service.quality import quality as look
from fhir_adapter.web.pages.download import comma_separated
from fhir_adapter.web.pages.page import page, told
from fhir_adapter.web.station import Station

ROUTES = Blueprint("quality", __name__)
told(ROUTES)
_WEEKS = (4, 12, 26, 52)
_FILTERS = ("modality", "sender", "reader")
_TABLES: dict[str, tuple[type, Callable[[Quality], Iterable[object]]]] = {
    "weeks": (Week, lambda shown: shown.weeks), "rates": (Rate, lambda shown: shown.rates),
    "times": (Minutes, lambda shown: shown.times), "splits": (Split, lambda shown: shown.splits),
    "agreement": (Rate, lambda shown: shown.agreement),
    "follow-ups": (FollowedUp, lambda shown: shown.follow_ups),
    "drift": (Share, lambda shown: shown.drift.shares),
    "measures": (Measure, lambda shown: shown.measures)}


@page(ROUTES, "/quality", "quality.html")
def quality() -> Quality:
    """Critical results and communication, follow-ups, mismatches, measures, turnaround, drift, agreement."""
    return _quality()


def _quality() -> Quality:
    station: Station = current_app.extensions["station"]
    asked = request.args.get("weeks", "")
    weeks = int(asked) if asked.isdecimal() and int(asked[:6]) in _WEEKS else _WEEKS[1]
    return look(station.intake.database, now=datetime.now(UTC), weeks=weeks,
                filters={name: request.args.get(name, "")[:200] for name in _FILTERS})


@ROUTES.get("/quality/<table>.csv")
def table(table: str) -> Response:
    """One of the page's tables as CSV."""
    if table not in _TABLES:
        raise NotFound
    kind, rows = _TABLES[table]
    return comma_separated(table, [field.name for field in fields(kind)], map(_row, rows(_quality())))


def _row(one: object) -> Sequence[object]:
    return [cell for value in astuple(one)  # type: ignore[call-overload]
            for cell in ([value[3] if isinstance(value, tuple) else value])]
