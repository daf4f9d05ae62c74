"""
Where a request to an open address comes from.

Without keys, everyone on this machine is answered, and a browser on it is someone too: a page of a foreign site can
send to a loopback address, and with a name that it lets point there (DNS rebinding) read the answers. So the host that
a request names must be this machine, and the page that sent it one of ours.
"""

import ipaddress
from urllib.parse import urlsplit

from flask import Response, request

from fhir_adapter.issues import Issue
from fhir_adapter.settings import Settings
from fhir_adapter.web.answers import outcome


def refused(settings: Settings) -> Response | None:
    """A 403 where no keys are set and Host or Origin name another place than this machine; None where it may go on."""
    if settings.api_keys:
        return None
    if not _here(_host(f"//{request.host}"), settings):
        return outcome(403, Issue.at("NET-609", "Host"))
    sender = request.headers.get("Origin")
    if sender is not None and not _here(_host(sender), settings):
        return outcome(403, Issue.at("NET-609", "Origin"))
    return None


def _host(address: str) -> str:
    try:
        return urlsplit(address).hostname or ""
    except ValueError:
        return ""


def _here(host: str, settings: Settings) -> bool:
    if host in ("localhost", settings.host) or (settings.public_url and host == _host(settings.public_url)):
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
