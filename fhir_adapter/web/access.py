"""
Who may ask: everyone on loopback without configured keys, else who brings a key or logged in with one.

A session counts for pages, and elsewhere for reading only: what changes something through the API needs the key itself,
so that no foreign page can do it with a person's cookie.
"""

import ipaddress
from hmac import compare_digest, digest

from flask import Response, current_app, g, redirect, request, session, url_for

from fhir_adapter.errors import SettingsError
from fhir_adapter.issues import Issue
from fhir_adapter.settings import Settings
from fhir_adapter.web.answers import outcome

_OPEN = {"/health/live", "/health/ready"}
_SESSION = "key"
PAGES = "pages"
"""Where the application notes the names of the blueprints that are pages."""


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

    A key comes as `Authorization: Bearer <key>` or, as the Radiology Insights API has it, `Ocp-Apim-Subscription-Key`,
    or by a session. A person who has none is led to the login page. Afterwards `g.actor` says who asks.
    """
    g.actor, g.number = "web:loopback", 0
    if not settings.api_keys or request.path in _OPEN or request.endpoint in ("static", "login.login"):
        return None
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    given = token if scheme.lower() == "bearer" else request.headers.get("Ocp-Apim-Subscription-Key", "")
    number = _number(settings, given) or _logged_in(settings)
    if number:
        g.actor, g.number = f"web:key-{number}", number
        return None
    if _is_page() and request.method == "GET" and request.accept_mimetypes.accept_html \
            and not str(request.endpoint).endswith("_json"):
        return redirect(url_for("login.login", next=request.full_path.rstrip("?")))  # type: ignore[return-value]
    answer = outcome(401, Issue.at("NET-606", "Authorization"))
    answer.headers["WWW-Authenticate"] = "Bearer"
    return answer


def caller(settings: Settings) -> str:
    """The key that the request was let in by; empty where everyone is."""
    return settings.api_keys[g.number - 1].get_secret_value() if g.number else ""


def log_in(settings: Settings, given: str) -> bool:
    """Begin a session for who brings a key; False for a wrong one."""
    number = _number(settings, given)
    if number:
        session.clear()
        session.permanent = True
        session[_SESSION] = _mark(settings.api_keys[number - 1].get_secret_value())
    return bool(number)


def log_out() -> None:
    """End the session."""
    session.clear()


def logged_in() -> bool:
    """Whether there is a session that can be ended."""
    return _SESSION in session


def _number(settings: Settings, given: str) -> int:
    """Which key it is, from 1; 0 for none. Every key is compared, in constant time, so that the time tells nothing."""
    known = [compare_digest(given.encode(), key.get_secret_value().encode()) for key in settings.api_keys]
    return known.index(True) + 1 if any(known) else 0


def _logged_in(settings: Settings) -> int:
    """Which key the session stands for: one that is still set, so that taking a key away ends its sessions."""
    mark = session.get(_SESSION, "")
    if not mark or not (_is_page() or request.method in ("GET", "HEAD")):
        return 0
    known = [compare_digest(str(mark), _mark(key.get_secret_value())) for key in settings.api_keys]
    return known.index(True) + 1 if any(known) else 0


def _mark(key: str) -> str:
    """What a session holds instead of the key."""
    return digest(current_app.config["SECRET_KEY"], key.encode(), "sha256").hex()


def _is_page() -> bool:
    return request.blueprint in current_app.extensions.get(PAGES, ())
