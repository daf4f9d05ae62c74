"""Where clients reach this service."""

from flask import request

from fhir_adapter.settings import Settings


def base(settings: Settings) -> str:
    """The address without a slash at its end: the one in the settings, else the one that the request came to."""
    return (settings.public_url or request.url_root).rstrip("/")
