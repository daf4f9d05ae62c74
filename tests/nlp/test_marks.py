"""Marks save time and nothing else."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

from fhir_adapter.nlp import page, sentences, sides
from fhir_adapter.nlp.sections import split
from tests.conftest import ROOT
from tests.nlp.reading import TABLES, engine
from tests.nlp.reports import safe

REPORTS: Path = ROOT / "tests" / "gold" / "dev" / "reports.jsonl"


@pytest.fixture(scope="module")
def texts() -> list[str]:
    """The reports of the gold set that rules may be made for, one in two."""
    with REPORTS.open(encoding="utf-8") as file:
        return [json.loads(line)["text"] for line in file][::2]


def test_a_sentence_without_a_mark_holds_nothing(texts, monkeypatch):
    """Where every sentence is looked at for everything, the reports read the same."""
    read = [engine().read(safe(text)) for text in texts]
    made = page.made
    monkeypatch.setattr(page, "made", lambda folded, spans, flat, found: replace(
        made(folded, spans, flat, found), marked=[-1] * len(spans)))
    assert read == [engine().read(safe(text)) for text in texts]


def test_every_side_word_has_its_mark(texts):
    """The side words that are looked for at their marks are those of the whole sentence."""
    for text in texts:
        spans = sentences.split(text, split(text, TABLES.language.sections))
        leaf = page.alone(text, spans, TABLES.language)
        assert [sides.words(leaf, sentence.span) for sentence in spans] == sides.of_page(leaf)
