"""
Our JSON object of words and order (`readers.plain`) back as one, by the action of each field.

Names and what is no field are dropped, numbers become pseudonyms, days move, words are scrubbed.
"""

from datetime import date, timedelta
from typing import Any

from fhir_adapter.deid.disguise import Disguise
from fhir_adapter.model.report import JSON

_WORDS = ("text", "order.text", "order.reason")
_KEPT = ("status", "patient.sex", "order.code", "order.system", "order.modality")
_MOMENTS = ("service", "issued")
_NUMBERS = {"id": "report", "patient.id": "patient", "order.number": "request", "study.accession": "request"}
_OLDEST = 90


def scrub(root: dict[str, Any], disguise: Disguise) -> dict[str, JSON]:
    """The object without the person; ages of ninety and more and the date of birth are left out."""
    out: dict[str, JSON] = {}
    for name, value in root.items():
        if isinstance(value, dict):
            scrubbed = ((key, _one(f"{name}.{key}", one, disguise)) for key, one in value.items())
            inner: dict[str, JSON] = {key: one for key, one in scrubbed if one is not None}
            if inner:
                out[name] = inner
        elif (done := _one(name, value, disguise)) is not None:
            out[name] = done
    return marked(out, disguise)


def marked(root: dict[str, JSON], disguise: Disguise) -> dict[str, JSON]:
    """The object with the mode that it was made in."""
    return {**root, "deidentified": disguise.label}


def _one(name: str, value: Any, disguise: Disguise) -> JSON:
    done: JSON = None
    if name == "patient.age" and isinstance(value, int):
        done = value if value < _OLDEST else None
    elif not isinstance(value, str):
        done = None
    elif name in _WORDS:
        done = disguise.clean(value).text
    elif name in _KEPT:
        done = value
    elif name in _NUMBERS:
        done = disguise.identity.pseudonym(_NUMBERS[name], value)
    elif name in _MOMENTS:
        done = _moved(value, disguise.days)
    elif name == "study.uid":
        done = disguise.identity.uid(value)
    return done


def _moved(value: str, days: int | None) -> JSON:
    """The day moved, the time of day as it was; nothing where no day may be told."""
    if days is None:
        return None
    try:
        return f"{date.fromisoformat(value[:10]) + timedelta(days=days)}{value[10:]}"
    except (ValueError, OverflowError):
        return None
