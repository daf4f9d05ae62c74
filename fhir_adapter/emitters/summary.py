"""
Less of a resource, for clients that ask for less: `_summary` and `_elements` (FHIR R4, 3.1.1.5.8 and 3.1.1.5.9).

Which elements belong to the summary and which are mandatory is told by the models.
"""

from collections.abc import Collection
from functools import cache

from fhir.resources.R4B import get_fhir_model_class

from fhir_adapter.model.report import JSON, JSONObject

MODES = ("true", "text", "data", "false", "count")
_ALWAYS = {"resourceType", "id", "meta"}
_SUBSETTED: JSON = {"system": "http://terminology.hl7.org/CodeSystem/v3-ObservationValue", "code": "SUBSETTED"}


def summary(resource: JSONObject, mode: str) -> JSONObject:
    """A resource as `_summary` wants it: `true`, `text`, `data`; as it is otherwise."""
    kind = str(resource["resourceType"])
    if mode == "true":
        return _only(resource, _in_summary(kind) | _mandatory(kind))
    if mode == "text":
        return _only(resource, {"text"} | _mandatory(kind))
    if mode == "data":
        return _only(resource, resource.keys() - {"text"})
    return resource


def elements(resource: JSONObject, names: Collection[str]) -> JSONObject:
    """A resource with these top-level elements and the mandatory ones."""
    return _only(resource, set(names) | _mandatory(str(resource["resourceType"])))


def _only(resource: JSONObject, names: Collection[str]) -> JSONObject:
    kept = {key: value for key, value in resource.items() if key.lstrip("_") in names or key in _ALWAYS}
    meta = kept.get("meta")
    known = dict(meta) if isinstance(meta, dict) else {}
    tags = known.get("tag")
    return {**kept, "meta": {**known, "tag": [*(tags if isinstance(tags, list) else []), _SUBSETTED]}}


@cache
def _in_summary(kind: str) -> frozenset[str]:
    return frozenset(get_fhir_model_class(kind).summary_elements_sequence())


@cache
def _mandatory(kind: str) -> frozenset[str]:
    # A mandatory primitive is marked, because its extension may stand for it; the others are fields that are required.
    fields = get_fhir_model_class(kind).model_fields.values()
    return frozenset(str(one.alias) for one in fields
                     if one.is_required() or (one.json_schema_extra or {}).get("element_required"))
