"""How findings are meant, over the table assertions.yaml."""

from pathlib import Path

import pytest
import yaml

from fhir_adapter import settings as settings_module
from fhir_adapter.nlp.engine import load_engine
from tests.nlp.reports import safe

CASES = yaml.safe_load(Path(__file__).with_name("assertions.yaml").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def engine(tables):
    return load_engine(settings_module.load(key="5a" * 32), tables.language)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["text"])
def test_meant(engine, case):
    """Each finding of the sentence is meant as a reader would take it."""
    text = case["text"] if ":" in case["text"] else f"FINDINGS: {case['text']}"
    assert [[f.span.of(text), f.assertion.value] for f in engine.read(safe(text)).findings] == case["meant"]


def test_long_sentences_take_linear_time(engine):
    """A sentence of two hundred thousand characters, every word a cue or a mention, is read to its end."""
    text = "FINDINGS: " + "no nodule in the left lung and right mass " * 5000
    assert len(engine.read(safe(text)).findings) == 10000
