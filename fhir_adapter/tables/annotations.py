"""What an annotated report must look like: the schemas in mappings/evaluation/."""

import json
from collections.abc import Iterator
from functools import cache
from typing import Any, Literal

from jsonschema import Draft202012Validator, FormatChecker

from fhir_adapter.tables.locate import locate

Format = Literal["gold", "deid_gold"]


def faults(record: object, form: Format) -> Iterator[str]:
    """Each place of a record that breaks its schema, and what the schema asks for there; never what stands there."""
    found = sorted(_validator(form).iter_errors(record), key=lambda e: list(map(str, e.absolute_path)))
    yield from dict.fromkeys(f"{_place(error.absolute_path)}: {_asked(error)}" for error in found)


def _place(path: Any) -> str:
    told = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in path)
    return told.removeprefix(".") or "the record"


def _asked(error: Any) -> str:
    """The schema's own words; the error's message would repeat what stands in the record."""
    if error.validator == "required":
        return "has " + ", ".join(name for name in error.validator_value if name not in error.instance)
    if error.validator == "enum":
        return "is one of " + ", ".join("null" if v is None else str(v) for v in error.validator_value)
    if error.validator == "type":
        types = error.validator_value
        return "is " + (types if isinstance(types, str) else " or ".join(types))
    return f"{error.validator} {error.validator_value}"


@cache
def _validator(form: Format) -> Draft202012Validator:
    schema = locate("mappings") / "evaluation" / f"{form}.schema.json"
    return Draft202012Validator(json.loads(schema.read_text(encoding="utf-8")),
                                format_checker=FormatChecker(formats=("date",)))
