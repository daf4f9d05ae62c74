"""The tables of what is read word by word: units, scores, words of telling, of technique and of recommending."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from fhir_adapter.model.reading import Quantity, RecipientRole
from fhir_adapter.model.report import Contrast
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

    hints: tuple[str, ...]
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


@dataclass(frozen=True, slots=True, kw_only=True)
class ScoreRow:
    """One scoring system of mappings/nlp/scores.yaml; an empty expression is none, `maximum` None has no end."""

    system: str
    hints: tuple[str, ...]
    title: str
    kind: str
    names: str
    example: str
    bare: str = ""
    needs: str = ""
    also: str = ""
    after: str = ""
    prefix: str = ""
    suffix: str = ""
    values: tuple[str, ...] = ()
    minimum: float = 0
    maximum: float | None = None
    roman: bool = False
    every: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class CommunicationWords:
    """mappings/nlp/communications.yaml; verbs are (expression, example), recipients (role, expression)."""

    hints: tuple[str, ...]
    spoken: tuple[tuple[str, str], ...]
    sent: tuple[tuple[str, str], ...]
    acknowledged: str
    silent: str
    undone: str
    earlier: str
    recipients: tuple[tuple[RecipientRole, str], ...]
    excluded: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TechniqueWords:
    """mappings/nlp/technique.yaml; `contrasts` are (contrast, expression, example), `both` first."""

    hints: tuple[str, ...]
    contrasts: tuple[tuple[Contrast, str, str], ...]
    headings: tuple[tuple[str, str], ...]
    here: str
    other: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Cue:
    """Words that ask for something; `option` where they only offer it."""

    words: str
    example: str
    option: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class RecommendationWords:
    """mappings/nlp/recommendations.yaml; `modalities` are (DICOM modality, expression, example)."""

    hints: tuple[str, ...]
    cues: tuple[Cue, ...]
    weak: tuple[Cue, ...]
    modalities: tuple[tuple[str, str, str], ...]
    nominal: str
    later: str
    imperative: str
    negated: str
    historical: str
    guideline: str
    conditional: str
    hedging: str
    imaging: str
    other: str
    procedures: str
    consultations: str
    clinical: str
    compared: str
    dated: str
    guided: str
    done_before: str
    done_after: str
    telling: str


_PAIRS = ("less_than_one", "axes", "letters", "comparators", "after")


def measurement_words(folder: Path) -> MeasurementWords:
    """Load the table of units, or raise a TableError."""
    told: dict[str, Any] = document(folder / "measurements.yaml")
    units = tuple(UnitRow(ucum=u["ucum"], quantity=Quantity(u["quantity"]), words=u["words"], example=u["example"])
                  for u in told.pop("units"))
    uptake = told.pop("uptake")
    hints = tuple(told.pop("hints"))
    pairs: dict[str, Any] = {name: tuple(told.pop(name).items()) for name in _PAIRS}
    return MeasurementWords(
        hints=hints, units=units, **pairs, **told,
        uptake=UnitRow(ucum=uptake["ucum"], quantity=Quantity.UPTAKE, words=uptake["words"],
                       example=uptake["example"]))


def score_rows(folder: Path) -> tuple[ScoreRow, ...]:
    """Load the scoring systems, in the order in which they are tried, or raise a TableError."""
    rows: list[dict[str, Any]] = document(folder / "scores.yaml")["systems"]
    made = []
    for row in rows:
        told: dict[str, Any] = {k: v for k, v in row.items() if k not in ("source", "values", "hints")}
        made.append(ScoreRow(**told, values=tuple(row.get("values", ())), hints=tuple(row["hints"])))
    return tuple(made)


def communication_words(folder: Path) -> CommunicationWords:
    """Load the words of communication, or raise a TableError."""
    told: dict[str, Any] = document(folder / "communications.yaml")
    verbs, recipients, hints = told.pop("verbs"), told.pop("recipients"), tuple(told.pop("hints"))
    return CommunicationWords(
        **told, hints=hints, spoken=tuple((v["words"], v["example"]) for v in verbs["spoken"]),
        sent=tuple((v["words"], v["example"]) for v in verbs["sent"]),
        recipients=tuple((RecipientRole(role), words) for role, words in recipients.items()))


def technique_words(folder: Path) -> TechniqueWords:
    """Load the words of contrast medium, or raise a TableError."""
    told: dict[str, Any] = document(folder / "technique.yaml")
    order = (Contrast.BOTH, Contrast.WITHOUT, Contrast.WITH)
    return TechniqueWords(
        hints=tuple(told["hints"]), headings=tuple(told["headings"].items()), here=told["here"], other=told["other"],
        contrasts=tuple((contrast, row["words"].replace("{agent}", told["agent"]), row["example"])
                        for contrast in order for row in told[contrast.value]))


def recommendation_words(folder: Path) -> RecommendationWords:
    """Load the words of recommending, or raise a TableError."""
    told: dict[str, Any] = document(folder / "recommendations.yaml")
    cues, weak, modalities = told.pop("cues"), told.pop("weak"), told.pop("modalities")
    hints = tuple(told.pop("hints"))
    return RecommendationWords(
        **told, hints=hints, cues=tuple(Cue(**row) for row in cues), weak=tuple(Cue(**row) for row in weak),
        modalities=tuple((row["modality"], row["words"], row["example"]) for row in modalities))
