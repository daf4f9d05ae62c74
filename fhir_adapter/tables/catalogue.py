"""The tables as files, for people who look at them: where each is, what it says of itself, and its rows."""

import csv
import io
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Any

from fhir_adapter.tables.load import parsed
from fhir_adapter.tables.locate import locate

_FOLDERS = ("mappings", "hl7")
_KINDS = {".csv", ".yaml", ".json"}


@dataclass(frozen=True, slots=True, kw_only=True)
class TableFile:
    """One table: its path as `mappings/nlp/concepts.csv`, what its schema says of it, and its size in bytes."""

    path: str
    about: str
    size: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """Rows of one kind; a document has one part for each of its lists."""

    name: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


@cache
def catalogue(tables_dir: Path | None) -> tuple[TableFile, ...]:
    """Every table, in the order of their paths; looked for once, as tables are loaded once."""
    return tuple(TableFile(path=name, about=_about(path), size=path.stat().st_size)
                 for name, path in sorted(_files(tables_dir).items()))


@cache
def version(tables_dir: Path | None) -> str:
    """What all tables together are called: the beginning of a digest of their contents, another after any change."""
    digest = sha256()
    for name, path in sorted(_files(tables_dir).items()):
        digest.update(f"{name}\0{path.stat().st_size}\0".encode())
        digest.update(path.read_bytes())
    return digest.hexdigest()[:10]


def parts(path: str, tables_dir: Path | None) -> tuple[Part, ...]:
    """The rows of a table; none where there is no such table."""
    file = _files(tables_dir).get(path)
    return _parts(file, file.stat().st_mtime_ns) if file is not None else ()


def _files(tables_dir: Path | None) -> dict[str, Path]:
    out = {}
    for name in _FOLDERS:
        folder = locate(name, tables_dir)
        for path in folder.rglob("*"):
            if path.suffix in _KINDS and not path.name.endswith(".schema.json") and "schemas" not in path.parts:
                out[f"{name}/{path.relative_to(folder).as_posix()}"] = path
    return out


def _about(path: Path) -> str:
    """What the schema says, else the first comment of the table itself."""
    schema = path.with_name(f"{path.stem}.schema.json")
    if schema.exists():
        told = json.loads(schema.read_text(encoding="utf-8"))
        if about := told.get("description") or told.get("$comment") or told.get("title"):
            return str(about)
    with path.open(encoding="utf-8") as file:
        first = file.readline().strip()
    return first.removeprefix("#").strip() if first.startswith("#") else ""


@cache
def _parts(file: Path, _: int) -> tuple[Part, ...]:
    if file.suffix == ".csv":
        lines = list(csv.reader(io.StringIO(file.read_text(encoding="utf-8"), newline="")))
        return (Part(name="", columns=tuple(lines[0]), rows=tuple(tuple(line) for line in lines[1:])),)
    return tuple(_of_document(parsed(file)))


def _of_document(content: Any) -> Iterator[Part]:
    if not isinstance(content, Mapping):
        content = {"": content}
    plain = {key: value for key, value in content.items() if not isinstance(value, list | Mapping)}
    if plain:
        yield Part(name="values", columns=("name", "value"), rows=tuple((str(k), _text(v)) for k, v in plain.items()))
    for key, value in content.items():
        if isinstance(value, Mapping):
            yield Part(name=str(key), columns=("name", "value"),
                       rows=tuple((str(k), _text(v)) for k, v in value.items()))
        elif isinstance(value, list):
            if all(isinstance(one, Mapping) for one in value):
                columns = tuple(dict.fromkeys(str(name) for one in value for name in one))
                yield Part(name=str(key), columns=columns,
                           rows=tuple(tuple(_text(one.get(name, "")) for name in columns) for one in value))
            else:
                yield Part(name=str(key), columns=("value",), rows=tuple((_text(one),) for one in value))


def _text(value: Any) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, list) and all(isinstance(one, str) for one in value):
        return ", ".join(value)
    if isinstance(value, Mapping):
        return "; ".join(f"{key}: {_text(one)}" for key, one in value.items())
    return "" if value is None else json.dumps(value, ensure_ascii=False, default=str)
