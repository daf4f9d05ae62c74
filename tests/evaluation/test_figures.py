"""Figures agree with what a hand computes."""

import pytest

from fhir_adapter.evaluation.calibration import calibration
from fhir_adapter.evaluation.comparison import mcnemar
from fhir_adapter.evaluation.confidence import Judged
from fhir_adapter.evaluation.figures import MEASURES, Counts, alarms, cautious, wilson
from fhir_adapter.evaluation.resampling import percentiles, resampled

# 8 of 10 things said are right; 8 of 12 wanted are found; of 50 reports 10 have it, 9 of them and 4 others are flagged.
COUNTS = Counts(right=8, wrong=2, found=8, missed=4, true_positive=9, false_positive=4, false_negative=1,
                true_negative=36)


@pytest.mark.parametrize(("measure", "expected"), [
    ("precision", 8 / 10), ("recall", 8 / 12), ("f1", 16 / 22), ("sensitivity", 9 / 10), ("specificity", 36 / 40),
    ("ppv", 9 / 13), ("npv", 36 / 37),
])
def test_each_measure_at_the_prevalence_of_the_set(measure, expected):
    """At the set's own prevalence, PPV and NPV are TP / (TP + FP) and TN / (TN + FN)."""
    assert MEASURES[measure](COUNTS, COUNTS.prevalence) == pytest.approx(expected)


def test_predictive_values_at_a_chosen_prevalence():
    """Of 1000 reports 10 have it: 9 of them are flagged, and 99 of the other 990; 891 of 892 others have it not."""
    assert (MEASURES["ppv"](COUNTS, 0.01), MEASURES["npv"](COUNTS, 0.01)) == (
        pytest.approx(9 / 108), pytest.approx(891 / 892))


@pytest.mark.parametrize("measure", MEASURES)
def test_no_case_gives_no_figure(measure):
    """Without cases a figure is None, not 0 and not 1."""
    assert MEASURES[measure](Counts(), 0.5) is None


@pytest.mark.parametrize("counts", [Counts(wrong=3), Counts(missed=3), Counts(wrong=1, missed=1)])
def test_nothing_right_is_an_f1_of_zero(counts):
    """F1 is 0 where something was wanted or said and nothing agrees."""
    assert MEASURES["f1"](counts, None) == 0.0


def test_specificity_needs_reports_without_the_kind():
    """Where every report has the kind, specificity and both predictive values cannot be known."""
    counts = Counts(right=5, found=5, true_positive=5)
    assert [MEASURES[m](counts, 1.0) for m in ("sensitivity", "specificity", "ppv", "npv")] == [1.0, None, None, None]


@pytest.mark.parametrize(("part", "whole", "low", "high"), [
    # Newcombe, Statistics in Medicine 17:857 (1998), table I, method 3.
    (81, 263, 0.2553, 0.3662), (15, 148, 0.0624, 0.1605), (0, 20, 0.0, 0.1611), (1, 29, 0.0061, 0.1718),
])
def test_wilson_interval_is_the_published_one(part, whole, low, high):
    """Score intervals agree with Newcombe's table to four digits."""
    assert tuple(round(end, 4) for end in wilson(part, whole)) == (low, high)


def test_alarms_of_a_day():
    """300 reports a day, a tenth with it: 27 of 30 and 27 of 270 are flagged, 3 are not."""
    told = alarms(COUNTS, 0.1, 300)
    assert (told.flagged, told.false, told.missed) == pytest.approx((54.0, 27.0, 3.0))


def test_alarms_need_what_they_are_made_of():
    """Without a report that has the kind, alarms are unknown at a prevalence above 0; at 0 the false ones are known."""
    counts = Counts(true_negative=9, false_positive=1)
    assert (alarms(counts, 0.2, 100), alarms(counts, 0.0, 100).flagged) == (None, pytest.approx(10.0))


def test_samples_depend_on_their_seed_alone():
    """The same seed gives the same samples, another one others; each sample is made of rows of the data."""
    vectors = [(1, 0, 5), (0, 2, 5), (7, 0, 5)]
    first, again, other = (list(resampled(vectors, times=50, seed=s)) for s in (3, 3, 4))
    assert (first == again, first == other, {sample[2] for sample in first}) == (True, False, {15})


def test_samples_draw_all_counts_of_a_report_together():
    """A report's counts stay together: with one count twice the other in each row, it is so in each sample."""
    samples = resampled([(n, 2 * n) for n in range(20)], times=200, seed=1)
    assert {two - 2 * one for one, two in samples} == {0}


def test_percentiles_interpolate():
    """Of 0 to 100 the middle 95 % reach from 2.5 to 97.5; values that do not exist are left out up to half."""
    assert (percentiles([float(n) for n in range(101)]), percentiles([None, None, 1.0])) == ((2.5, 97.5), None)


def test_no_error_seen_is_not_certainty():
    """4 of 4 right reach down to Wilson's 0.51, not to 1."""
    low, high = cautious("precision", Counts(right=4, found=4), None)
    assert (round(low, 4), high) == (0.5101, 1.0)


@pytest.mark.parametrize(("better", "worse", "p"), [(0, 0, 1.0), (5, 5, 1.0), (6, 0, 0.03125), (1, 9, 22 / 1024)])
def test_mcnemar_is_the_exact_binomial_test(better, worse, p):
    """Two-sided: twice the tail of the smaller side at one half."""
    assert mcnemar(better, worse) == pytest.approx(p)


def test_mcnemar_of_many_changes_is_a_number():
    """Thousands of changes do not overflow."""
    assert 0 < mcnemar(2400, 2600) < 0.01


def test_reliability_table_ece_and_brier():
    """Two bins: 0.9 right three times of four, 0.2 right once of one. ECE and Brier by hand; 1.0 is in the last bin."""
    judged = [Judged(kind="finding", confidence=c, is_right=r)
              for c, r in ((0.9, True), (0.9, True), (0.9, False), (1.0, True), (0.2, True))]
    table = calibration("finding", judged)
    assert [(b.low, b.insights, round(b.confidence, 3), b.right) for b in table.bins] == [
        (0.2, 1, 0.2, 1.0), (0.9, 4, 0.925, 0.75)]
    assert (table.ece, table.brier) == (pytest.approx((4 * 0.175 + 0.8) / 5),
                                        pytest.approx((0.01 + 0.01 + 0.81 + 0 + 0.64) / 5))


def test_no_confidence_no_table():
    """Without insights that say how sure they are there is no calibration."""
    assert calibration("all", []) is None
