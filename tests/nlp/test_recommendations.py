"""What reports ask for."""

from pathlib import Path
from typing import Any

import pytest
import yaml

from fhir_adapter.model.reading import Interval, Recommendation
from tests.nlp.reading import TABLES, read

CASES: list[dict[str, Any]] = yaml.safe_load(Path(__file__).with_name("recommendations.yaml").read_text("utf-8"))
WORDS = TABLES.language.recommendations


def asked(text: str, section: str = "impression") -> tuple[Recommendation, ...]:
    return read(f"{section.upper()}: {text}").recommendations


def when(interval: Interval | None) -> str:
    if interval is None:
        return "*"
    if interval.vague:
        return "vague"
    low, high = ("" if n is None else str(n) for n in (interval.low, interval.high))
    return f"{low}{'-' if high else ''}{high}{interval.unit.value}"


def told(r: Recommendation) -> str:
    flags = "".join(f" {name}" for name, on in (("c", r.conditional), ("h", r.hedging), ("o", r.option),
                                                ("g", r.guideline), ("r", r.historical)) if on)
    site = r.site.code.display.split()[0] if r.site else "*"
    return f"{r.kind.value} {r.modality or '*'} {site} {when(r.interval)}{flags}"


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["text"])
def test_sentence_asks_for_this(case: dict[str, Any]) -> None:
    """Each sentence of the table asks for what a reader would do about it, and for nothing else."""
    expected = [" ".join(line.split()) for line in case["asked"]]
    assert expected == [told(r) for r in asked(case["text"], case.get("section", "impression"))]


@pytest.mark.parametrize("example", [cue.example for cue in (*WORDS.cues, *WORDS.weak)])
def test_every_cue_reads_its_example(example: str) -> None:
    """The example of each cue of the table is a recommendation."""
    assert asked(example)


@pytest.mark.parametrize(("modality", "example"), [(m, example) for m, _, example in WORDS.modalities])
def test_every_modality_word_reads_its_example(modality: str, example: str) -> None:
    """The example of each modality word of the table asks for that modality."""
    assert modality in [r.modality for r in asked(example)]
