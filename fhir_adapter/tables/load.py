"""Read one table and hold it against its JSON Schema."""

import csv
import json
from functools import cache
from pathlib import Path
from typing import Any, cast

from fhir_adapter.errors import TableError

Row = dict[str, str]


def rows(path: Path) -> list[Row]:
    """The rows of a CSV table with its header; each is checked against `<name>.schema.json` beside it.

    A TableError names file, row (the header is row 1) and column.
    """
    with path.open(encoding="utf-8", newline="") as file:
        table = [{key: value or "" for key, value in row.items() if key} for row in csv.DictReader(file)]
    schema = _schema_of(path)
    quick = _quick(schema)
    for number, row in enumerate(table, start=2):
        for error in () if quick.is_valid(row) else _validator(schema).iter_errors(row):
            column = ".".join(map(str, error.absolute_path)) or "row"
            raise TableError(f"{path.name}:{number}:{column}: {error.validator} {_told(error)}")
    return table


def document(path: Path, *, schema: Path | None = None) -> Any:
    """A YAML or JSON table, checked against `schema`: `<name>.schema.json` beside it, unless many tables share one.

    A TableError names file and place.
    """
    content = parsed(path)
    schema = schema or _schema_of(path)
    for error in () if _is_valid(schema, content) else _validator(schema).iter_errors(content):
        place = "/".join(map(str, error.absolute_path)) or "top"
        raise TableError(f"{path.name}:{place}: {error.validator} {_told(error)}")
    return content


def parsed(path: Path) -> Any:
    """What a YAML or JSON file holds, unchecked."""
    text = path.read_text(encoding="utf-8")
    if path.suffix == ".json":
        return json.loads(text)
    import yaml

    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    return yaml.load(text, Loader=loader)  # noqa: S506 - both are safe loaders; the C one is quick


def _is_valid(schema: Path, content: Any) -> bool:
    """What the quick validator says; no, where it cannot say: a key in YAML may be a number, in JSON it may not."""
    try:
        return bool(_quick(schema).is_valid(content))
    except ValueError:
        return False


def _told(error: Any) -> str:
    return str(error.message)[:200]


def _schema_of(path: Path) -> Path:
    return path.with_name(path.stem + ".schema.json")


@cache
def _quick(schema: Path) -> Any:
    """A compiled validator that only says yes or no; most of the time at start was spent on saying yes slowly.

    What it refuses is judged again by `_validator`, which names the place.
    """
    from jsonschema_rs import Draft202012Validator

    from fhir_adapter.tables.formats import FORMATS

    return Draft202012Validator(_read(schema), formats=dict(FORMATS), validate_formats=True)


@cache
def _validator(schema: Path) -> Any:
    from jsonschema import Draft202012Validator

    from fhir_adapter.tables.formats import checker

    return Draft202012Validator(_read(schema), format_checker=checker())


def _read(schema: Path) -> dict[str, Any]:
    if not schema.exists():
        raise TableError(f"{schema.name}: the table has no schema")
    return cast("dict[str, Any]", json.loads(schema.read_text(encoding="utf-8")))
