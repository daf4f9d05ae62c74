"""FHIR data types as JSON: codings, concepts, references, times."""

from collections.abc import Hashable
from datetime import UTC, datetime
from decimal import Decimal
from functools import lru_cache
from typing import NoReturn

from fhir_adapter.model.code import Code
from fhir_adapter.model.report import JSON, Moment

Resource = dict[str, JSON]

BASE = "http://fhir-adapter.invalid/fhir"
"""Where our resources and code systems have their canonical address.

Under `.invalid` (RFC 2606), because no address is ours to give: a deployment's server puts its own in its place. It is
absolute, so that relative references resolve inside a bundle by the rules of FHIR R4 (2.36.4.1).
"""


class Part(dict[str, JSON]):
    """
    A data type that stands in many places, made once and never changed after that; a copy of it is a plain dict.

    Most of a bundle says the same as every other: codings, categories, who the subject is. What looks at resources can
    know such a part again; `shape` is what `validity` found about this one.
    """

    shape: Hashable = None

    def _refuse(self, *_: object, **__: object) -> NoReturn:
        raise TypeError("a part is shared by many resources; change a copy")

    __setitem__ = __delitem__ = __ior__ = _refuse
    update = setdefault = pop = popitem = clear = _refuse

    def __reduce__(self) -> tuple[type[Resource], tuple[Resource]]:
        return dict, (dict(self),)


_CODES, _REFERENCES = 4096, 512


def coding(code: Code) -> Resource:
    """Coding; the system of a sender's local code is unknown and left out."""
    return _coding(code.system, code.code, code.display)  # equal codes may differ in their displays


@lru_cache(_CODES)
def _coding(system: str, code: str, display: str) -> Part:
    said = {"system": system, "code": code, "display": display}
    return Part({name: value for name, value in said.items() if value})


def concept(*codes: Code, text: str = "") -> Resource:
    """CodeableConcept of codes and words."""
    known = _concept(*[(code.system, code.code, code.display) for code in codes])
    return known | {"text": text.strip()} if text and text.strip() else known


@lru_cache(_CODES)
def _concept(*codes: tuple[str, str, str]) -> Part:
    return Part(coding=[_coding(*code) for code in codes]) if codes else Part()


@lru_cache(_REFERENCES)
def reference(kind: str, identity: str) -> Resource:
    """Relative literal Reference."""
    return Part(reference=f"{kind}/{identity}")


def date_time(moment: Moment) -> str:
    """FHIR dateTime: a date, or a time to the second with its offset."""
    return moment.isoformat(timespec="seconds") if isinstance(moment, datetime) else moment.isoformat()


def instant(moment: Moment) -> str:
    """FHIR instant; a date is taken at midnight UTC."""
    if isinstance(moment, datetime):
        return moment.isoformat(timespec="seconds")
    return datetime(moment.year, moment.month, moment.day, tzinfo=UTC).isoformat(timespec="seconds")


def number(value: Decimal) -> JSON:
    """JSON number of a decimal."""
    return int(value) if value == value.to_integral_value() else float(value)
