"""Sessions of people: a signed cookie, and a token in every form, so that no foreign page can act in their name."""

from datetime import timedelta
from hmac import digest

from flask import Blueprint, Flask, request
from flask.sessions import SecureCookieSessionInterface
from flask_wtf.csrf import CSRFProtect, generate_csrf
from markupsafe import Markup

from fhir_adapter.deid.keys import keys_of
from fhir_adapter.settings import Settings

_HOURS = 12


class _Cookies(SecureCookieSessionInterface):
    """Cookies that never leave an encrypted connection where there is one."""

    def get_cookie_secure(self, _: Flask) -> bool:
        """Whether this request came over TLS, here or at the proxy before us."""
        return request.is_secure or request.headers.get("X-Forwarded-Proto", "") == "https"


def sessions(app: Flask, settings: Settings, pages: tuple[Blueprint, ...]) -> None:
    """Give the application sessions, and check the token of every form that is sent to these pages.

    The signing key comes from the de-identification key: the same for all processes and over restarts.
    """
    app.session_interface = _Cookies()
    app.config.update(
        SECRET_KEY=digest(keys_of(settings).ids, b"web sessions", "sha256"),
        # Cookies do not know ports; two services on one machine must not end each other's sessions.
        SESSION_COOKIE_NAME=f"fhir-adapter-{settings.port}", SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_HTTPONLY=True, PERMANENT_SESSION_LIFETIME=timedelta(hours=_HOURS),
        SESSION_REFRESH_EACH_REQUEST=False, WTF_CSRF_CHECK_DEFAULT=False, WTF_CSRF_TIME_LIMIT=None,
        # The token is what counts; a referrer may be taken away by proxies and privacy settings.
        WTF_CSRF_SSL_STRICT=False)
    tokens = CSRFProtect(app)
    app.jinja_env.globals["csrf_field"] = _field

    def check() -> None:
        # A foreign page cannot set this header, so a program that brings its key needs no token.
        if "Authorization" not in request.headers:
            tokens.protect()

    for one in pages:
        app.before_request_funcs.setdefault(one.name, []).append(check)


def _field() -> Markup:
    """The hidden field that every form brings."""
    return Markup('<input type="hidden" name="csrf_token" value="{}">').format(generate_csrf())
