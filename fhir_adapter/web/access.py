"""Who may ask: everyone on loopback without configured keys, else who brings a key."""

import ipaddress
from hmac import compare_digest

from flask import Response, request

from fhir_adapter.errors import SettingsError
from fhir_adapter.issues import Issue
from fhir_adapter.settings import Settings
from fhir_adapter.web.answers import outcome

_OPEN = {"/health/live", "/health/ready"}


def check_address(settings: Settings) -> None:
    """Refuse to serve an address that others reach without keys: a SettingsError at start."""
    if settings.api_keys:
        return
    if not _loopback(settings.host):
        raise SettingsError("api_keys: without keys, only a loopback address is served; set keys or host 127.0.0.1")


def _loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def refused(settings: Settings) -> Response | None:
    """A 401 where keys are set and the request brings none of them; None where it may go on.

    A key comes as `Authorization: Bearer <key>` or, as the Radiology Insights API has it, `Ocp-Apim-Subscription-Key`.
    """
    if not settings.api_keys or request.path in _OPEN:
        return None
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    given = token if scheme.lower() == "bearer" else request.headers.get("Ocp-Apim-Subscription-Key", "")
    # Every key is compared, in constant time each, so that the time tells nothing.
    known = [compare_digest(given.encode(), key.get_secret_value().encode()) for key in settings.api_keys]
    if any(known):
        return None
    answer = outcome(401, Issue.at("NET-606", "Authorization"))
    answer.headers["WWW-Authenticate"] = "Bearer"
    return answer
