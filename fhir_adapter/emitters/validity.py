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
from itertools import count
from typing import Any

from fhir_adapter.emitters.elements import Part
from fhir_adapter.model.report import JSON, JSONObject

# One of the groups, each what a primitive type can tell apart; what is in none has blanks where no type wants them.
_FORM = re.compile(r"(?P<date>\d{4}(?:-\d\d(?:-\d\d(?:T.*)?)?)?)|(?P<id>[A-Za-z0-9\-.]+)|(?P<code>\S+(?: \S+)*)")
_DIGIT = re.compile(r"\d")
_LITERAL = {"resourceType", "status", "intent", "priority", "gender", "mode", "role", "use", "type", "comparator"}
_MOST = 4096
_KNOWN: dict[Hashable, bool] = {}
_NUMBERS: dict[Hashable, int] = {}
_NEW = count(1)


def valid(resource: JSONObject) -> bool:
    """Whether the model takes the resource; its message would quote values, so it is not kept."""
    shape = _members(resource)
    known = _KNOWN.get(shape)
    if known is None:
        if len(_KNOWN) >= _MOST:
            _KNOWN.clear()
        known = _KNOWN[shape] = _asked(resource)
    return known


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


def _members(value: JSONObject) -> Hashable:
    # That a part is known already is asked here, before another call: it is so for most of what a resource holds.
    return tuple([(name, inner.shape if inner.__class__ is Part and inner.shape else _shape(inner, name))
                  for name, inner in value.items()])


def _shape(value: JSON, key: str) -> Hashable:
    if isinstance(value, str):
        return value if key in _LITERAL else ("base64", _is_base64(value)) if key == "data" else _class(value)
    if isinstance(value, Part):
        if value.shape is None:
            value.shape = _number(_members(value))
        return value.shape
    if isinstance(value, list):
        return "list", frozenset([one.shape if one.__class__ is Part and one.shape else _shape(one, key)
                                  for one in value])
    if isinstance(value, dict | Mapping):  # a dict is told at once, the rest of the question is slow
        return _members(value)
    if isinstance(value, int | float) and not isinstance(value, bool):
        return type(value).__name__, value > 0, value == 0, abs(value) < 2**31
    return type(value).__name__, repr(value)


def _number(shape: Hashable) -> int:
    """A number for a shape, quicker to compare; it is never given to another one, as parts keep theirs."""
    if len(_NUMBERS) >= _MOST:
        _NUMBERS.clear()
    known = _NUMBERS.get(shape)
    if known is None:
        known = _NUMBERS[shape] = next(_NEW)
    return known


@lru_cache(maxsize=8192)
def _class(value: str) -> Hashable:
    """The class of a value; most are codes, systems and displays, the same in every report."""
    matched = _FORM.fullmatch(value)
    if matched is None:
        return "words", len(value) <= 64, " " in value, value.isspace(), not value
    if matched.lastgroup == "date":
        return "date", _DIGIT.sub("9", value), _exists(value)
    return matched.lastgroup, len(value) <= 64, " " in value


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
