"""The tables of what reports count: units, scores, words of communication."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from fhir_adapter.model.reading import Quantity
from fhir_adapter.tables.load import document


@dataclass(frozen=True, slots=True, kw_only=True)
class UnitRow:
    """One UCUM unit and the words for it, as a regular expression."""

    ucum: str
    quantity: Quantity
    words: str
    example: str


@dataclass(frozen=True, slots=True, kw_only=True)
class MeasurementWords:
    """mappings/nlp/measurements.yaml; pairs are name and regular expression, the rest regular expressions."""

    units: tuple[UnitRow, ...]
    uptake: UnitRow
    less_than_one: tuple[tuple[str, str], ...]
    axes: tuple[tuple[str, str], ...]
    letters: tuple[tuple[str, str], ...]
    comparators: tuple[tuple[str, str], ...]
    after: tuple[tuple[str, str], ...]
    technique_before: str
    technique_after: str
    contrast: str
    distance_after: str
    distance_before: str
    normal_before: str
    normal_after: str
    delta_before: str
    angle_words: str
    fraction_before: str
    fraction_after: str
    guideline: str


_PAIRS = ("less_than_one", "axes", "letters", "comparators", "after")


def measurement_words(folder: Path) -> MeasurementWords:
    """Load the table of units, or raise a TableError."""
    told: dict[str, Any] = document(folder / "measurements.yaml")
    units = tuple(UnitRow(ucum=u["ucum"], quantity=Quantity(u["quantity"]), words=u["words"], example=u["example"])
                  for u in told.pop("units"))
    uptake = told.pop("uptake")
    pairs: dict[str, Any] = {name: tuple(told.pop(name).items()) for name in _PAIRS}
    return MeasurementWords(
        units=units, **pairs, **told,
        uptake=UnitRow(ucum=uptake["ucum"], quantity=Quantity.UPTAKE, words=uptake["words"],
                       example=uptake["example"]))
