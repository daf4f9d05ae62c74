"""The compiled engine, and medspaCy as its referee."""

import csv
import threading

import pytest

from fhir_adapter import settings as settings_module
from fhir_adapter.errors import EngineError
from fhir_adapter.nlp.engine import load_engine
from tests.nlp.reports import safe


@pytest.fixture(scope="module")
def engine(tables):
    return load_engine(settings_module.load(key="5a" * 32), tables.language)


def test_spans_stand_in_the_text_as_sent(engine):
    """A finding's span covers its words in the text, over a wrapped line too."""
    text = "FINDINGS:\nThere is a small pleural\n   effusion on the left."
    (finding,) = engine.read(safe(text)).findings
    assert finding.span.of(text) == "pleural\n   effusion"


def test_a_text_over_the_limit_is_an_issue(tables):
    """What was not read is said."""
    engine = load_engine(settings_module.load(key="5a" * 32, max_text_characters=20), tables.language)
    assert [issue.code for issue in engine.read(safe("No pneumothorax. " * 9)).issues] == ["NLP-403"]


def test_a_failure_does_not_quote_the_text(engine, monkeypatch):
    """Whatever fails inside, the error holds none of the text."""
    def fail(*_: object) -> None:
        raise ValueError("ZZYZX")

    monkeypatch.setattr("fhir_adapter.nlp.compose.reading", fail)
    with pytest.raises(EngineError) as caught:
        engine.read(safe("ZZYZX"))
    assert ("ZZYZX" in str(caught.value), caught.value.__cause__, caught.value.__suppress_context__) == (
        False, None, True)


def test_threads_may_share_an_engine(engine):
    """The same reports read by several threads at once give the same readings."""
    texts = [f"FINDINGS: No pneumothorax. {size} mm nodule in the left lung." for size in range(3, 30)]
    alone = [engine.read(safe(text)) for text in texts]
    together: dict[int, list[object]] = {}

    def read(number: int) -> None:
        together[number] = [engine.read(safe(text)) for text in texts]

    threads = [threading.Thread(target=read, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert list(together.values()) == [alone] * 4


def test_medspacy_agrees(shared_data, tables):
    """Over 200 foreign reports, 95 of 100 mentions are the same with the same assertion in both engines.

    They differ where ConText lets a scope run over a comma and ours does not, and where a site overlaps a finding.
    """
    pytest.importorskip("medspacy")
    ours = load_engine(settings_module.load(key="5a" * 32), tables.language)
    referee = load_engine(settings_module.load(key="5a" * 32, engine="medspacy"), tables.language)
    with (shared_data / "eval" / "openi-dev.csv").open(encoding="utf-8") as file:
        rows = [row for row, _ in zip(csv.DictReader(file), range(200), strict=False)]
    texts = [f"FINDINGS: {row['findings']}\nIMPRESSION: {row['impression']}" for row in rows]

    def mentions(engine: object) -> set[tuple[int, object, object, object]]:
        return {(number, f.span, f.concept, f.assertion) for number, text in enumerate(texts)
                for f in engine.read(safe(text)).findings}

    one, other = mentions(ours), mentions(referee)
    assert len(one & other) >= 0.95 * max(len(one), len(other))
