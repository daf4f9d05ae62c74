"""The cases of each detector: a report and its order in, the statements of the insights out."""

import pytest
import yaml

from fhir_adapter import deid, insights
from fhir_adapter.insights.registry import DETECTORS
from fhir_adapter.model.code import Code
from fhir_adapter.model.report import Age, Order, Origin, Patient, Report, Sex
from fhir_adapter.nlp.engine import load_engine
from fhir_adapter.readers.order import describe
from tests.conftest import ROOT

CASES = ROOT / "tests" / "cases"
LOADED = [(path.stem, case) for path in sorted(CASES.glob("*.yaml"))
          for case in yaml.safe_load(path.read_text(encoding="utf-8"))]


def report_of(case, tables):
    """The report that a case is about, with its order and patient."""
    code = Code(system="", code=case["code"], display="") if "code" in case else None
    order = (describe(code=code, text=case.get("order", ""), modality="", tables=tables.messages)
             if "order" in case or code else Order())
    return Report(text=case["text"], origin=Origin(format="text", identity=case["id"]), order=order, patient=Patient(
        sex=Sex(case.get("sex", "unknown")), age=Age(value=case["age"]) if "age" in case else None))


@pytest.fixture(scope="module")
def engine(tables, tmp_path_factory):
    from fhir_adapter import settings

    return load_engine(settings.load(data_dir=tmp_path_factory.mktemp("cases"), key="5a" * 32), tables.language)


@pytest.mark.parametrize(("kind", "case"), LOADED, ids=[f"{kind}-{case['id']}" for kind, case in LOADED])
def test_case_gives_its_insights(kind, case, engine, tables, settings):
    """The report of the case gives exactly the insights of the case, or none."""
    reading = engine.read(deid.scrub(report_of(case, tables), settings=settings, tables=tables))
    found = insights.run(reading, tables=tables, chosen=(kind,))
    assert case["expect"] == [insight.statement for insight in found]
    assert all(span.end <= len(reading.report.text) for insight in found for span in insight.evidence)


def test_detectors_cases_and_headings_agree():
    """Every kind with a detector has its file of cases and its heading in the docs, and there is none beside them."""
    kinds = {detector.kind.value for detector in DETECTORS}
    headings = {line[3:].strip() for line in (ROOT / "docs/explanation/insights.md").read_text(encoding="utf-8")
                .splitlines() if line.startswith("## ")}
    assert kinds == {path.stem for path in CASES.glob("*.yaml")}
    assert kinds == headings


@pytest.mark.parametrize("detector", DETECTORS, ids=lambda d: d.kind.value)
def test_docstring_says_when(detector):
    """A detector says when it fires and when it stays silent, and has cases of both."""
    import sys

    words = sys.modules[detector.detect.__module__].__doc__ or ""
    own = [case for kind, case in LOADED if kind == detector.kind.value]
    assert "**Fires**" in words
    assert "**Stays silent**" in words
    assert {bool(case["expect"]) for case in own} == {True, False}
