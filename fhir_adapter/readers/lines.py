"""
NDJSON: a JSON object a line, as FHIR's bulk export writes it.

Lines that are resources are read as one Bundle, so that a patient's resources, which refer to each other from line to
line, are one patient's; lines that are Bundles or reports of another form are messages of their own.
"""

import io
import json

from fhir_adapter.wire import streams


def lines_of(payload: bytes) -> tuple[bytes, ...]:
    """The objects of an NDJSON file; none where the payload is one object or no JSON."""
    if payload.lstrip()[:1] != b"{":
        return ()
    found = tuple(piece.payload for piece in streams.messages(io.BytesIO(payload), limit=len(payload)))
    return found if len(found) > 1 else ()


def as_bundle(lines: tuple[bytes, ...]) -> bytes | None:
    """One Bundle of all lines; None where one of them is no single resource."""
    try:
        kinds = {json.loads(line).get("resourceType", "Bundle") for line in lines}
    except (ValueError, AttributeError):
        return None
    if "Bundle" in kinds:
        return None
    return (b'{"resourceType":"Bundle","type":"collection","entry":[{"resource":' + b'},{"resource":'.join(lines)
            + b"}]}")


def of_bundle(bundle: bytes) -> bytes:
    """The resources of a Bundle, one a line."""
    return b"".join(one_line(entry["resource"]) for entry in json.loads(bundle)["entry"] if "resource" in entry)


def one_line(resource: object) -> bytes:
    """A JSON value on one line."""
    return json.dumps(resource, ensure_ascii=False, separators=(",", ":")).encode() + b"\n"
