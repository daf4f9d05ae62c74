"""What a client prefers (RFC 7240), and which of two media types it would rather have."""

from flask import request

from fhir_adapter.web.answers import FHIR_JSON


def prefers(what: str) -> bool:
    """Whether `Prefer` names this preference, as `respond-async` or `return=representation`."""
    return any(one.split(";")[0].replace(" ", "").lower() == what
               for line in request.headers.getlist("Prefer") for one in line.split(","))


def wants_fhir(otherwise: str) -> bool:
    """Whether FHIR JSON is asked for rather than `otherwise`, which a client without a wish gets."""
    return request.accept_mimetypes.best_match((otherwise, FHIR_JSON), otherwise) == FHIR_JSON
