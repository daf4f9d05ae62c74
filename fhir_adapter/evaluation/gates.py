"""Figures that a run must reach, for a CI that should fail otherwise."""

from collections.abc import Sequence
from dataclasses import dataclass

from fhir_adapter.evaluation.figures import MEASURES
from fhir_adapter.evaluation.results import Evaluation
from fhir_adapter.evaluation.tasks import TASKS


@dataclass(frozen=True, slots=True, kw_only=True)
class Gate:
    """A task and the least that one of its figures may be."""

    task: str
    measure: str
    least: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """A gate and what was measured; None where the reports have no case of it, which holds no gate."""

    gate: Gate
    measured: float | None

    @property
    def passed(self) -> bool:
        """Whether the figure is at least what the gate asks."""
        return self.measured is not None and self.measured >= self.gate.least

    def __str__(self) -> str:
        told = "not measured" if self.measured is None else f"{self.measured:.3f}"
        sign = "at least" if self.passed else "below"
        return f"{self.gate.task} {self.gate.measure}: {told}, {sign} {self.gate.least:g}"


def gate(text: str) -> Gate:
    """`task=least` for F1 or `task:measure=least`; a ValueError says what is wrong."""
    name, sign, number = text.partition("=")
    task, _, measure = name.partition(":")
    known = next((one for one in TASKS if one.name == task), None)
    if known is None:
        raise ValueError("There is no such task. There are: " + ", ".join(one.name for one in TASKS))
    measure = measure or "f1"
    measures = [name for name in MEASURES if known.is_main or name in ("precision", "recall", "f1")]
    if measure not in measures:
        raise ValueError(f"{task} has no such measure. There are: " + ", ".join(measures))
    try:
        least = float(number)
    except ValueError:
        least = -1.0
    if not sign or not 0 <= least <= 1:
        raise ValueError("Write task=least or task:measure=least, with a number from 0 to 1.")
    return Gate(task=task, measure=measure, least=least)


def hold(result: Evaluation, gates: Sequence[Gate]) -> tuple[Held, ...]:
    """Each gate with what was measured."""
    out = []
    for one in gates:
        row = result.row(one.task)
        out.append(Held(gate=one, measured=row.figures.get(one.measure) if row else None))
    return tuple(out)
