"""Sentences as other hands would choose them, over the table probes.yaml: head words, meaning and side."""

from pathlib import Path

import pytest
import yaml

from fhir_adapter import settings as settings_module
from fhir_adapter.model.reading import Assertion, Finding
from fhir_adapter.model.span import Span
from fhir_adapter.nlp.engine import load_engine
from tests.nlp.reports import safe

CASES = yaml.safe_load(Path(__file__).with_name("probes.yaml").read_text(encoding="utf-8"))
MEANINGS = [meaning.value for meaning in Assertion]


@pytest.fixture(scope="module")
def engine(tables):
    return load_engine(settings_module.load(key="5a" * 32), tables.language)


def wanted(case):
    """Where the head words stand, what they mean, and their side ("" where the case has no say)."""
    for meaning in MEANINGS:
        for words in case.get(meaning, ()):
            head, _, side = words.partition(".")
            start = case["text"].index(head)
            yield Span(start, start + len(head)), meaning, side


def described(case, findings: tuple[Finding, ...]) -> list[tuple[str, str, str]]:
    """The findings as the case would name them; what the case does not expect goes by its own words."""
    text, expected = case["text"], list(wanted(case))
    told = []
    for finding in findings:
        match = next((w for w in expected if w[0].overlaps(finding.span)), None)
        side = finding.side.value if finding.side else "none"
        told.append(((match[0] if match else finding.span).of(text), finding.assertion.value,
                     side if match and match[2] else ""))
        if match:
            expected.remove(match)
    return sorted(told)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["text"])
def test_read_as_meant(engine, case):
    """A sentence has exactly the findings that a reader sees, each with its meaning and its side."""
    assert described(case, engine.read(safe(case["text"])).findings) == sorted(
        (span.of(case["text"]), meaning, side) for span, meaning, side in wanted(case))
