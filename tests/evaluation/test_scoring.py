"""What an engine said is held against what people found, task by task."""

from dataclasses import replace
from decimal import Decimal

import pytest

from fhir_adapter import pipeline
from fhir_adapter.errors import EngineError
from fhir_adapter.evaluation import annotated, confidence, files, results
from fhir_adapter.evaluation.run import judge, run
from fhir_adapter.evaluation.scoring import Tally, score
from fhir_adapter.issues import Issue
from fhir_adapter.model.code import Code
from fhir_adapter.model.reading import (
    Assertion,
    Finding,
    Interval,
    IntervalUnit,
    Measurement,
    Reading,
    Recommendation,
    RecommendationKind,
    SectionKind,
    Sentence,
)
from fhir_adapter.model.span import Span
from tests.evaluation.records import finding, record

TEXT = "FINDINGS: A 6 mm nodule. No effusion. Repeat CT in 12 months."


class Fake:
    """An engine that says what a test wants; words are looked up in the text."""

    name = "fake"

    def __init__(self, *findings, measurements=(), recommendations=()):
        self.findings, self.measurements, self.recommendations = findings, measurements, recommendations

    def read(self, safe):
        whole = Sentence(span=Span(0, len(safe.text)), section=SectionKind.FINDINGS)

        def at(words):
            start = safe.text.index(words)
            return Span(start, start + len(words))

        return Reading(
            report=safe, sentences=(whole,),
            findings=tuple(Finding(concept=Code(system="https://example.org/words", code=w, display=w), span=at(w),
                                   sentence=whole, assertion=a) for w, a in self.findings),
            measurements=tuple(Measurement(span=at(w), values=tuple(map(Decimal, v)), unit=u)
                               for w, v, u in self.measurements),
            recommendations=tuple(Recommendation(
                span=at(w), sentence=whole, kind=RecommendationKind.IMAGING, cue=at(w), modality="CT",
                interval=Interval(span=at(w), unit=unit, low=low)) for w, low, unit in self.recommendations))


@pytest.fixture
def judged(loaded):
    """Scores of one record by an engine that says what it is told to."""
    def by(engine, one):
        (report,) = files.reports([one])
        return judge(report, replace(loaded, engine=engine))
    return by


def test_a_finding_is_found_by_its_words_and_judged_by_its_assertion(judged):
    """Both mentions are found; one has another assertion, which is a miss and a false one of finding.assertion."""
    scored = judged(Fake(("nodule", Assertion.PRESENT), ("effusion", Assertion.PRESENT)),
                    record(text=TEXT, findings=[finding(TEXT, "nodule"), finding(TEXT, "effusion", "absent")]))
    assert scored.tallies == {
        "finding": Tally(right=2, found=2), "finding.assertion": Tally(right=1, wrong=1, found=1, missed=1),
        "finding.laterality": Tally(), "finding.sizes": Tally()}


def test_errors_show_their_words_and_what_stands_around(judged):
    """A miss and a false finding are told once, another assertion as both, each with its words and what they were."""
    gold = [finding(TEXT, "effusion", "absent"), finding(TEXT, "nodule")]
    said = Fake(("months", Assertion.PRESENT), ("nodule", Assertion.POSSIBLE))
    errors = judged(said, record(text=TEXT, findings=gold)).errors
    assert [(e.task, e.is_miss, e.words, e.about) for e in errors] == [
        ("finding", True, "effusion", ""), ("finding", False, "months", ""),
        ("finding.assertion", True, "nodule", "present"), ("finding.assertion", False, "nodule", "possible")]
    assert errors[0].before + errors[0].words + errors[0].after == TEXT


def test_kinds_that_nobody_annotated_are_not_judged(judged):
    """A record that names no findings counts none, however many the engine says."""
    assert set(judged(Fake(("nodule", Assertion.PRESENT)), record(text=TEXT, scores=[])).tallies) == {
        "scoringAndAssessment"}


def test_measurements_agree_in_numbers_and_unit(judged):
    """6 and 6.0 are one number; another unit is another measurement."""
    gold = [{"phrase": "6 mm", "start": TEXT.index("6 mm"), "values": [Decimal("6.0")], "unit": "mm", "current": True}]
    right, wrong = (judged(Fake(measurements=[("6 mm", ("6",), unit)]), record(text=TEXT, measurements=gold))
                    for unit in ("mm", "cm"))
    assert [s.tallies["measurement"] for s in (right, wrong)] == [Tally(right=1, found=1), Tally(wrong=1, missed=1)]


@pytest.mark.parametrize(("low", "unit", "days", "found"), [
    (12, IntervalUnit.MONTHS, 365, 1), (12, IntervalUnit.MONTHS, 360, 1), (1, IntervalUnit.YEARS, 360, 1),
    (6, IntervalUnit.MONTHS, 180, 1), (6, IntervalUnit.WEEKS, 42, 1), (6, IntervalUnit.WEEKS, 180, 0),
])
def test_intervals_are_compared_in_days(judged, low, unit, days, found):
    """A month is 30 days and a year 365; twelve months are a year."""
    gold = [{"phrase": "Repeat CT in 12 months.", "start": TEXT.index("Repeat"), "modality": "CT",
             "interval": {"min_days": days, "max_days": days}}]
    engine = Fake(recommendations=[("Repeat CT in 12 months.", low, unit)])
    scored = judged(engine, record(text=TEXT, recommendations=gold))
    assert scored.tallies["followupRecommendation.interval"].found == found


def test_mismatches_are_judged_once_a_report_and_by_report(settings):
    """The engine's own: a man's report with a uterus is a sexMismatch, whatever words the annotation has."""
    text = "FINDINGS: The uterus is normal."
    one = record(text=text, sexMismatch=[{"phrase": "normal", "start": text.index("normal"), "indicates": "female"}])
    one["patient"]["sex"] = "male"
    _, (scored,) = run(files.reports([one]), settings)
    assert scored.tallies == {"sexMismatch": Tally(right=1, found=1)}


def test_quality_measures_count_where_people_judged_them(settings):
    """A measure that the record does not list is not held against the engine."""
    _, (scored,) = run(files.reports([record(text=TEXT, qualityMeasures=[])]), settings)
    assert scored.tallies["qualityMeasure"] == Tally()


def test_a_report_that_cannot_be_read_misses_everything(judged):
    """An engine that fails leaves its code, and all that is annotated counts as missed."""
    class Broken:
        name = "broken"

        def read(self, safe):
            raise EngineError(Issue.at("NLP-400"))

    scored = judged(Broken(), record(text=TEXT, findings=[finding(TEXT, "nodule")]))
    assert (scored.failure, scored.tallies["finding"]) == ("NLP-400", Tally(missed=1))


def test_confidences_are_held_against_the_truth(loaded):
    """An insight with a confidence is judged right where people found the same, wrong where not, else left out."""
    engine = Fake(("nodule", Assertion.PRESENT), ("effusion", Assertion.PRESENT))
    gold = [finding(TEXT, "nodule"), finding(TEXT, "effusion", "absent")]
    (report,) = files.reports([record(text=TEXT, findings=gold)])
    outcome = pipeline.understand(report.report, settings=loaded.settings, tables=loaded.tables,
                                  engine=engine)
    sure, silent = (replace(outcome, insights=tuple(replace(i, confidence=c) for i in outcome.insights))
                    for c in (Decimal("0.8"), None))
    found = [(j.kind, j.confidence, j.is_right) for j in confidence.judged(report, sure)]
    assert sorted(found, key=str) == [("finding", 0.8, False), ("finding", 0.8, True)]
    assert score(report, silent).judged == ()


def test_subgroups_share_out_the_reports(settings):
    """Each dimension's groups have all reports; a person of 63 is in the band from 40 to 64."""
    many = [record(str(n), findings=[]) for n in range(3)]
    many[2]["patient"] = None
    name, scored = run(files.reports(many), settings)
    found = results.evaluation(scored, results.Choices(resamples=100), version="1", engine=name).subgroups
    assert {group: number for group, (number, _) in found["age"].items()} == {"40-64": 2, "not said": 1}
    assert {sum(number for number, _ in groups.values()) for groups in found.values()} == {3}


@pytest.mark.parametrize(("born", "served", "band"), [
    ("2006-05-03", "2024-05-02", "0-17"), ("2006-05-02", "2024-05-02", "18-39"), ("1944-05-02", "2024-05-02",
                                                                                 "80 and over")])
def test_age_bands_by_completed_years(born, served, band):
    """The day before the birthday is still the younger age."""
    one = record(findings=[]) | {"patient": {"sex": None, "birthDate": born}, "serviceDate": served}
    assert annotated.annotated(one, "").groups["age"] == band


def test_two_processes_give_the_figures_of_one(settings):
    """`jobs` changes the time that it takes and nothing else."""
    many = files.reports([record(str(n), TEXT, findings=[finding(TEXT, "nodule")]) for n in range(4)])
    assert run(many, settings, jobs=2) == run(many, settings, jobs=1)
