"""Gold files: bytes to records, each held against its schema and its own text."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from hashlib import sha256
from typing import Any

from fhir_adapter.evaluation.annotated import Annotated, Record, annotated
from fhir_adapter.issues import Issue
from fhir_adapter.tables.annotations import Format, faults

SUFFIXES = (".jsonl", ".ndjson", ".json")


@dataclass(frozen=True, slots=True, kw_only=True)
class File:
    """A gold file by the name that its issues are told under."""

    name: str
    content: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Checked:
    """The records of all files, and what is wrong: (file, issue), the place by line and property, never by content."""

    records: tuple[Record, ...]
    faults: tuple[tuple[str, Issue], ...]


def check(files: Sequence[File], form: Format) -> Checked:
    """Every record of the files and everything that is wrong with them."""
    records: list[Record] = []
    wrong: list[tuple[str, Issue]] = []
    seen: set[str] = set()
    for file in files:
        for place, value in _values(file):
            found = list(_wrong(place, value, form))
            if not found and value["id"] in seen:
                found = [Issue.at("EVAL-804", f"{place}, id")]
            wrong += [(file.name, issue) for issue in found]
            if not found:
                seen.add(value["id"])
                records.append(value)
    if not records and not wrong:
        wrong.append((files[0].name if files else "evaluate", Issue.at("EVAL-800")))
    return Checked(records=tuple(records), faults=tuple(wrong))


def reports(records: Sequence[Record]) -> tuple[Annotated, ...]:
    """Checked records of the gold format as annotated reports."""
    return tuple(annotated(record, _digest(record)) for record in records)


def _values(file: File) -> Iterator[tuple[str, Any]]:
    """Each value of a file and its place; None where a place holds no JSON."""
    try:
        text = file.content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        broken = file.content.count(10, 0, error.start) + 1
        yield f"line {broken}", None
        return
    whole, place = _parsed(text)
    # Only \n ends a line: a text may hold other line separators.
    lines = [(number, line) for number, line in enumerate(text.split("\n"), start=1) if line.strip()]
    if isinstance(whole, list):
        yield from ((f"item {number}", value) for number, value in enumerate(whole, start=1))
    elif whole is not None or _is_one_document(file.name, [line for _, line in lines]):
        yield place, whole
    else:
        for number, line in lines:
            value, at = _parsed(line)
            yield f"line {number}{at.removeprefix('line 1') if value is None else ''}", value


def _is_one_document(name: str, lines: list[str]) -> bool:
    """Whether what is no JSON as a whole was meant as one value, so that it breaks at one place."""
    begun = [line.startswith("{") for line in lines]
    return bool(begun) and (not any(begun) or (name.endswith(".json") and not all(begun)))


def _parsed(text: str) -> tuple[Any, str]:
    """JSON with exact decimals and where it begins; else None and where it breaks."""
    try:
        value = json.loads(text, parse_float=Decimal, parse_constant=_refused)
        json.dumps(value, ensure_ascii=False, default=str).encode()  # half a surrogate pair is not text
    except json.JSONDecodeError as error:
        return None, f"line {error.lineno}, column {error.colno}"
    except (ValueError, RecursionError):
        return None, "line 1"
    return value, "line 1"


def _refused(_: str) -> None:
    raise ValueError("JSON has no such number")


def _wrong(place: str, value: Any, form: Format) -> Iterator[Issue]:
    if not isinstance(value, dict):
        yield Issue.at("EVAL-801", place)
        return
    other = "phi" if form == "gold" else "gold"
    if other in value and ("gold" if form == "gold" else "phi") not in value:
        yield Issue.at("EVAL-805", place)
        return
    broken = [Issue.at("EVAL-802", f"{place}, {fault}") for fault in faults(value, form)]
    yield from broken or (_misplaced(place, value) if form == "gold" else _misplaced_phi(place, value))


def _misplaced(place: str, record: Record) -> Iterator[Issue]:
    text, born = record["text"], (record.get("patient") or {}).get("birthDate")
    for kind, items in record["gold"].items():
        for number, item in enumerate(items if isinstance(items, list) else ()):
            phrase, start = item.get("phrase"), item.get("start")
            if phrase and (start is None or not text.startswith(phrase, start)):
                yield Issue.at("EVAL-803", f"{place}, gold.{kind}[{number}]")
    if born and record.get("serviceDate") and date.fromisoformat(born) > date.fromisoformat(record["serviceDate"]):
        yield Issue.at("EVAL-806", f"{place}, patient.birthDate")


def _misplaced_phi(place: str, record: Record) -> Iterator[Issue]:
    text = record["text"]
    for number, item in enumerate(record["phi"]):
        words = text[item["start"] : item["end"]]
        if not words or len(words) != item["end"] - item["start"] or item.get("text", words) != words:
            yield Issue.at("EVAL-803", f"{place}, phi[{number}]")


def _digest(record: Record) -> str:
    """Tells whether two runs judged the same text by the same annotations."""
    known = {name: record.get(name) for name in ("text", "patient", "serviceDate", "order", "gold")}
    return sha256(json.dumps(known, sort_keys=True, default=str).encode()).hexdigest()[:16]
