"""
NDJSON: a JSON object a line, as FHIR's bulk export writes it.

Lines that are resources are read as one Bundle, so that a patient's resources, which refer to each other from line to
line, are one patient's; lines that are Bundles or reports of another form are messages of their own. An export has a
file for each type of resource, so the people that a file refers to may stand in another one.
"""

import io
import json
import re
from collections.abc import Iterable, Mapping

from fhir_adapter.wire import streams

PEOPLE = frozenset({"Patient", "RelatedPerson", "Practitioner", "Person"})
_REFERENCE = re.compile(rb'"reference"\s*:\s*"((?:' + "|".join(sorted(PEOPLE)).encode() + rb')/[A-Za-z0-9.-]{1,64})"')


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


def people(payload: bytes) -> dict[str, bytes]:
    """The lines of an NDJSON file that are people, by what a reference calls them (`Patient/p1`); broken ones left out.

    Their own file says what is wrong with those.
    """
    found = {}
    for line in lines_of(payload) or (payload,):
        try:
            resource = json.loads(line)
        except ValueError:
            continue
        if isinstance(resource, dict) and resource.get("resourceType") in PEOPLE and "id" in resource:
            found[f"{resource['resourceType']}/{resource['id']}"] = line
    return found


def referred(lines: Iterable[bytes], known: Mapping[str, bytes]) -> tuple[bytes, ...]:
    """Whom the lines refer to of the people known from other files, each once; none whom they hold themselves."""
    whole = b"\n".join(lines)
    names = dict.fromkeys(name.decode() for name in _REFERENCE.findall(whole))
    own = people(whole)
    return tuple(known[name] for name in names if name in known and name not in own)


def of_bundle(bundle: bytes, *, without: slice = slice(0)) -> bytes:
    """The resources of a Bundle, one a line, but for the entries in `without`."""
    entries = json.loads(bundle)["entry"]
    del entries[without]
    return b"".join(one_line(entry["resource"]) for entry in entries if "resource" in entry)


def one_line(resource: object) -> bytes:
    """A JSON value on one line."""
    return json.dumps(resource, ensure_ascii=False, separators=(",", ":")).encode() + b"\n"
