"""The body of a request: read within the limit, of a media type that the address takes."""

import gzip
import zlib
from collections.abc import Collection

from flask import request

from fhir_adapter.errors import TooLargeMessage, UnreadableMessage
from fhir_adapter.issues import Issue
from fhir_adapter.settings import Settings

HL7_TYPES = ("application/hl7-v2", "x-application/hl7-v2+er7", "application/hl7-v2+er7", "text/plain")
FHIR_TYPES = ("application/fhir+json", "application/json", "application/json+fhir")


def body(settings: Settings, accepted: Collection[str]) -> bytes:
    """The bytes sent, unpacked if gzip.

    Raises TooLargeMessage (NET-603), and UnreadableMessage (NET-600) for a media type or an encoding that is not taken.
    """
    if request.mimetype and request.mimetype not in accepted:
        raise UnreadableMessage(Issue.at("NET-600", "Content-Type"))
    limit = settings.max_message_bytes
    if (request.content_length or 0) > limit:
        raise TooLargeMessage(Issue.at("NET-603", "Content-Length"))
    data = request.stream.read(limit + 1)
    encoding = request.headers.get("Content-Encoding", "identity").lower()
    if encoding == "gzip":
        data = _unpacked(data, limit)
    elif encoding != "identity":
        raise UnreadableMessage(Issue.at("NET-600", "Content-Encoding"))
    if len(data) > limit:
        raise TooLargeMessage(Issue.at("NET-603", "body"))
    return data


def _unpacked(data: bytes, limit: int) -> bytes:
    """At most one byte over the limit, however much a packed body would become."""
    try:
        return zlib.decompressobj(wbits=31).decompress(data, limit + 1)
    except (zlib.error, gzip.BadGzipFile):
        raise UnreadableMessage(Issue.at("NET-600", "Content-Encoding")) from None
