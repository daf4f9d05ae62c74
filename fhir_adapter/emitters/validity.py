"""
Whether fhir.resources' R4B model takes a resource, asked once for each shape.

A model spends milliseconds on a resource, and resources of one kind differ in values only. What the primitive types of
FHIR R4 (2.24.0.1) can tell apart in a value is its class: a date that exists, an id, a code, a uri, base64, words. Two
resources with the same elements and the same classes of values are both valid or both not, so the answer is kept.
"""

import re
from base64 import b64decode
from binascii import Error
from collections.abc import Hashable, Mapping
from datetime import datetime
from functools import cache, lru_cache
from typing import Any

from fhir_adapter.model.report import JSON, JSONObject

_ID = re.compile(r"[A-Za-z0-9\-.]+")
_CODE = re.compile(r"\S+(?: \S+)*")
_DATE = re.compile(r"\d{4}(?:-\d\d(?:-\d\d(?:T.*)?)?)?")
_LITERAL = {"resourceType", "status", "intent", "priority", "gender", "mode", "role", "use", "type", "comparator"}
_MOST = 4096
_KNOWN: dict[Hashable, bool] = {}


def valid(resource: JSONObject) -> bool:
    """Whether the model takes the resource; its message would quote values, so it is not kept."""
    shape = _shape(dict(resource), "")
    if shape not in _KNOWN:
        if len(_KNOWN) >= _MOST:
            _KNOWN.clear()
        _KNOWN[shape] = _asked(resource)
    return _KNOWN[shape]


def _asked(resource: JSONObject) -> bool:
    try:
        _model(str(resource["resourceType"])).model_validate(resource)
    except ValueError:
        return False
    return True


@cache
def _model(kind: str) -> Any:
    from fhir.resources.R4B import get_fhir_model_class

    return get_fhir_model_class(kind)


def _shape(value: JSON, key: str) -> Hashable:
    if isinstance(value, dict | Mapping):  # a dict is told at once, the rest of the question is slow
        return tuple((name, _shape(inner, name)) for name, inner in value.items())
    if isinstance(value, list):
        return ("list", frozenset(_shape(inner, key) for inner in value))
    if isinstance(value, str):
        return value if key in _LITERAL else _class(value, key)
    if isinstance(value, int | float) and not isinstance(value, bool):
        return type(value).__name__, value > 0, value == 0, abs(value) < 2**31
    return repr(value)


def _class(value: str, key: str) -> Hashable:
    return ("base64", _is_base64(value)) if key == "data" else _words(value)


@lru_cache(maxsize=8192)
def _words(value: str) -> Hashable:
    """The class of a value; most are codes, systems and displays, the same in every report."""
    if _DATE.fullmatch(value):
        return "date", re.sub(r"\d", "9", value), _exists(value)
    return ("words", bool(_ID.fullmatch(value)), len(value) <= 64, bool(_CODE.fullmatch(value)), " " in value,
            value.isspace(), not value)


def _is_base64(value: str) -> bool:
    try:
        b64decode(value, validate=True)
    except Error:
        return False
    return True


def _exists(value: str) -> bool:
    """Whether a date of FHIR's form is one of the calendar; a year or a month stands for its first day."""
    try:
        datetime.fromisoformat(value + "-01-01"[len(value) - 4:] if len(value) < 10 else value)
    except ValueError:
        return False
    return True
