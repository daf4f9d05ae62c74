"""JSON taken apart within bounds: size, depth, one root object."""

import json
import re
from typing import Any

from fhir_adapter.errors import TooLargeMessage, UnreadableMessage
from fhir_adapter.issues import Issue
from fhir_adapter.settings import Settings

Node = dict[str, Any]
_DEPTH = re.compile(r'"(?:[^"\\]|\\.)*"|[\[{]|[\]}]')


def parse(payload: bytes, settings: Settings) -> Node:
    """The resource at the root: `document`, or UnreadableMessage (FHIR-201) where it is none."""
    root = document(payload, settings)
    if not isinstance(root.get("resourceType"), str):
        raise UnreadableMessage(Issue.at("FHIR-201"))
    return root


def document(payload: bytes, settings: Settings) -> Node:
    """The root object, or UnreadableMessage (FHIR-200, FHIR-201) or TooLargeMessage (FHIR-210, FHIR-211).

    Depth is measured before the parser sees the text, so that no nesting can exhaust the stack.
    """
    if len(payload) > settings.max_message_bytes:
        raise TooLargeMessage(Issue.at("FHIR-211"))
    try:
        text = payload.decode(json.detect_encoding(payload)).lstrip("\ufeff").strip()
    except UnicodeDecodeError:
        raise UnreadableMessage(Issue.at("FHIR-200")) from None
    depth = 0
    for token in _DEPTH.finditer(text):
        first = token.group()[0]
        if first in "[{":
            depth += 1
            if depth > settings.max_json_depth:
                raise TooLargeMessage(Issue.at("FHIR-210"))
        elif first in "]}":
            depth -= 1
    try:
        root = json.loads(text, parse_constant=_refuse)
    except (ValueError, RecursionError):
        raise UnreadableMessage(Issue.at("FHIR-200")) from None
    if not isinstance(root, dict):
        raise UnreadableMessage(Issue.at("FHIR-201"))
    return root


def _refuse(_: str) -> None:
    raise ValueError  # NaN and Infinity are no JSON


def objects(value: Any) -> list[Node]:
    """The objects of a list element, tolerating one object without its list and skipping what is none."""
    return [item for item in (value if isinstance(value, list) else [value]) if isinstance(item, dict)]


def string(value: Any) -> str:
    """A string element, empty where it is missing or something else."""
    return value.strip() if isinstance(value, str) else ""
