"""
Notifications over HTTP: where they may go, and one at a time.

The operator names the addresses that subscribers may ask for; nothing else is ever called, and no redirect is followed.
"""

import urllib.error
import urllib.request
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import urlsplit

from fhir_adapter.errors import Refused, Unavailable
from fhir_adapter.errors import Unknown as NoAnswer

_BUSY = (408, 425, 429)
_PORTS = {"http": 80, "https": 443}


def allowed(endpoint: str, prefixes: Sequence[str]) -> bool:
    """Whether an address lies under one that the operator allows: same scheme, host and port, path below."""
    wanted = _parts(endpoint)
    if wanted is None:
        return False
    for prefix in prefixes:
        given = _parts(prefix)
        if given is not None and wanted[:3] == given[:3]:
            below = given[3].rstrip("/")
            if wanted[3] == below or wanted[3].startswith(f"{below}/"):
                return True
    return False


def _parts(url: str) -> tuple[str, str, int, str] | None:
    try:
        parts = urlsplit(url)
        port = parts.port or _PORTS.get(parts.scheme, 0)
    except ValueError:
        return None
    if parts.scheme not in _PORTS or not parts.hostname or parts.username or parts.password or parts.fragment:
        return None
    if ".." in parts.path.split("/") or "%2e" in parts.path.lower() or "\\" in url:
        return None
    return parts.scheme, parts.hostname, port, parts.path


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_: Any, **__: Any) -> None:
        """Follow nothing."""


_OPENER = urllib.request.build_opener(_NoRedirect, urllib.request.ProxyHandler({}))


def notify(url: str, body: bytes, *, method: str, headers: Mapping[str, str], timeout: float) -> None:
    """Send one notification. Raises Refused (4xx, redirect), Unavailable (5xx, not reached) or NoAnswer (silence)."""
    request = urllib.request.Request(url, body, dict(headers), method=method)  # noqa: S310 - `allowed` knows the scheme
    try:
        with _OPENER.open(request, timeout=timeout) as response:
            response.read(1)
    except urllib.error.HTTPError as error:
        if error.code >= 500 or error.code in _BUSY:
            raise Unavailable("NET-631") from None
        raise Refused("NET-630") from None
    except TimeoutError:
        raise NoAnswer("NET-632") from None
    except urllib.error.URLError as error:
        if isinstance(error.reason, TimeoutError):
            raise NoAnswer("NET-632") from None
        raise Unavailable("NET-631") from None
    except (OSError, ValueError):
        raise Unavailable("NET-631") from None
