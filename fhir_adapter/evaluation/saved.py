"""A run as JSON, and back again as far as a comparison needs it."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

from fhir_adapter.errors import UnreadableMessage
from fhir_adapter.evaluation.calibration import Calibration
from fhir_adapter.evaluation.comparison import Comparison
from fhir_adapter.evaluation.gates import Held
from fhir_adapter.evaluation.results import Evaluation, Row
from fhir_adapter.evaluation.scoring import Scored, Tally
from fhir_adapter.issues import Issue

FORM = "fhir-adapter-evaluation/1"
_DIGITS = 6


def as_json(result: Evaluation, *, comparison: Comparison | None = None, held: Sequence[Held] = (),
            with_errors: bool = False) -> dict[str, Any]:
    """Everything of a run as plain values; ids of reports are in it, words of reports only `with_errors`."""
    choices = result.choices
    out: dict[str, Any] = {
        "format": FORM, "version": result.version, "engine": result.engine, "reports": len(result.scored),
        "not_read": {one.identity: one.failure for one in result.failures},
        "resamples": choices.resamples, "seed": choices.seed, "volume": choices.volume,
        "tasks": {row.task: _row(row) for row in result.rows},
        "subgroups": {dimension: {group: {"reports": number, "tasks": {row.task: _row(row) for row in rows
                                                                       if any(row.counts[:4])}}
                                  for group, (number, rows) in groups.items()}
                      for dimension, groups in result.subgroups.items()},
        "calibration": {table.kind: _calibration(table) for table in result.calibration},
        "scored": [_scored(one) for one in result.scored]}
    if comparison is not None:
        out["comparison"] = _rounded(asdict(comparison))
    if held:
        out["gates"] = [asdict(one.gate) | {"measured": _rounded(one.measured), "passed": one.passed} for one in held]
    if with_errors:
        out["errors"] = [asdict(error) for one in result.scored for error in one.errors]
    return out


def read(content: bytes) -> tuple[str, tuple[Scored, ...]]:
    """What an earlier run was (engine and version), and its scores; an UnreadableMessage (EVAL-807) if it is none."""
    try:
        run = json.loads(content)
        if run["format"] != FORM:
            raise ValueError("another format")
        scored = tuple(Scored(identity=str(one["id"]), digest=str(one["digest"]), groups={},
                              tallies={str(task): _tally(numbers) for task, numbers in one["tallies"].items()})
                       for one in run["scored"])
        return f"{run['engine']} ({run['version']})", scored
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        raise UnreadableMessage(Issue.at("EVAL-807")) from None


def _tally(numbers: Any) -> Tally:
    right, wrong, found, missed = map(int, numbers)
    return Tally(right=right, wrong=wrong, found=found, missed=missed)


def _scored(one: Scored) -> dict[str, Any]:
    return {"id": one.identity, "digest": one.digest,
            "tallies": {task: [t.right, t.wrong, t.found, t.missed] for task, t in one.tallies.items()}}


def _row(row: Row) -> dict[str, Any]:
    c = row.counts
    out: dict[str, Any] = {
        "mentions": {"right": c.right, "wrong": c.wrong, "found": c.found, "missed": c.missed},
        "figures": _rounded(row.figures), "intervals": _rounded(row.intervals)}
    if "specificity" in row.figures:
        out |= {"reports": {"true_positive": c.true_positive, "false_positive": c.false_positive,
                            "false_negative": c.false_negative, "true_negative": c.true_negative},
                "prevalence": _rounded(row.prevalence)}
    if row.alarms is not None:
        out["a_day"] = _rounded(asdict(row.alarms))
    return out


def _calibration(table: Calibration) -> dict[str, Any]:
    told: dict[str, Any] = _rounded({name: value for name, value in asdict(table).items() if name != "kind"})
    return told


def _rounded(value: Any) -> Any:
    """Floats to six digits, so that two machines write the same."""
    if isinstance(value, float):
        return round(value, _DIGITS)
    if isinstance(value, Mapping):
        return {key: _rounded(inner) for key, inner in value.items()}
    if isinstance(value, (list, tuple)):
        return [_rounded(inner) for inner in value]
    return value
