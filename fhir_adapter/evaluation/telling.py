"""A run as tables of words and numbers, the same for a terminal and for a page."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from fhir_adapter.evaluation.comparison import Comparison
from fhir_adapter.evaluation.figures import Interval
from fhir_adapter.evaluation.gates import Held
from fhir_adapter.evaluation.results import Evaluation, Row


@dataclass(frozen=True, slots=True, kw_only=True)
class Words:
    """Words of a report with what stands around them."""

    before: str
    words: str
    after: str

    def __str__(self) -> str:
        return " ".join(f"{self.before}[{self.words}]{self.after}".split())


Cell = str | Words


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """A table with a title and a sentence how to read it; the first `labels` columns are words, the others numbers."""

    title: str
    note: str
    columns: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]
    labels: int = 1


def tables(result: Evaluation, *, by: Sequence[str] = (), comparison: Comparison | None = None,
           held: Sequence[Held] = (), with_errors: bool = False) -> Iterator[Table]:
    """Every table of a run that has a row, subgroups for the dimensions in `by`."""
    candidates = [_gates(held), _mentions(result.rows), _reports(result.rows), _predictive(result.rows),
                  _alarms(result)]
    if comparison is not None:
        candidates.append(_comparison(comparison))
    candidates += [*_calibrations(result), *(_subgroups(result, dimension) for dimension in by), _failures(result)]
    if with_errors:
        candidates.append(_errors(result))
    return (table for table in candidates if table.rows)


def _gates(held: Sequence[Held]) -> Table:
    return Table(title="Gates", note="What --fail-under asks for.", columns=("gate", "result"), labels=2,
                 rows=tuple((str(one), "passed" if one.passed else "FAILED") for one in held))


def _mentions(rows: Sequence[Row]) -> Table:
    return Table(
        title="Mentions", labels=2, note="Each annotation and each thing said, matched by words that overlap; 95 % "
        "intervals by drawing reports again, by Wilson where no error was seen.",
        columns=("task", "agreement", "wanted", "found", "said", "right", "precision", "recall", "F1", "95 %"),
        rows=tuple((r.task, r.summary, str(r.counts.found + r.counts.missed), str(r.counts.found),
                    str(r.counts.right + r.counts.wrong), str(r.counts.right), *(share(r.figures[m])
                    for m in ("precision", "recall", "f1")), interval(r.intervals.get("f1"))) for r in rows))


def _reports(rows: Sequence[Row]) -> Table:
    def row(r: Row) -> tuple[str, ...]:
        c = r.counts
        return (r.task, str(c.true_positive), str(c.false_positive), str(c.false_negative), str(c.true_negative),
                share(r.figures["sensitivity"]), interval(r.intervals["sensitivity"]), share(r.figures["specificity"]),
                interval(r.intervals["specificity"]))

    return Table(
        title="Reports", note="Whether a report has the kind at all, and whether the engine said so, wherever in the "
        "text. 95 % intervals by Wilson.", columns=("kind", "TP", "FP", "FN", "TN", "sensitivity", "95 %",
                                                    "specificity", "95 %"),
        rows=tuple(row(r) for r in rows if "specificity" in r.figures))


def _predictive(rows: Sequence[Row]) -> Table:
    return Table(
        title="Predictive values", note="What a flag, or none, is worth where so many reports have the kind.",
        columns=("kind", "prevalence", "PPV", "95 %", "NPV", "95 %"),
        rows=tuple((r.task, share(r.prevalence), share(r.figures["ppv"]), interval(r.intervals.get("ppv")),
                    share(r.figures["npv"]), interval(r.intervals.get("npv")))
                   for r in rows if "specificity" in r.figures))


def _alarms(result: Evaluation) -> Table:
    return Table(
        title=f"Expected in {result.choices.volume or 0:g} reports a day", note="Reports that are flagged, that are "
        "flagged for nothing, and that are not flagged though they should be, at the prevalence above.",
        columns=("kind", "flagged", "for nothing", "not flagged"),
        rows=tuple((r.task, f"{r.alarms.flagged:.1f}", f"{r.alarms.false:.1f}", f"{r.alarms.missed:.1f}")
                   for r in result.rows if r.alarms is not None))


def _comparison(found: Comparison) -> Table:
    return Table(
        title="Compared", note=f"Before: {found.before}. Now: {found.now}. {found.reports} reports are in both with "
        f"the same annotations, {found.left_out} in one alone. p: McNemar's exact test on the reports that became "
        "faultless or lost it.",
        columns=("task", "F1 before", "F1 now", "difference", "95 %", "better", "worse", "p"),
        rows=tuple((d.task, share(d.before), share(d.now), share(d.difference, sign=True),
                    interval(d.interval, sign=True), str(d.better), str(d.worse), f"{d.p:.3f}")
                   for d in found.differences))


def _calibrations(result: Evaluation) -> Iterator[Table]:
    for one in result.calibration:
        yield Table(
            title=f"Calibration: {one.kind}", note=f"{one.insights} insights that say how sure they are. Expected "
            f"calibration error {one.ece:.3f}, Brier score {one.brier:.3f}.",
            columns=("confidence", "insights", "mean confidence", "right", "95 %"),
            rows=tuple((f"{b.low:.1f} to {b.high:.1f}", str(b.insights), share(b.confidence), share(b.right),
                        interval(b.interval)) for b in one.bins))


def _subgroups(result: Evaluation, dimension: str) -> Table:
    def row(group: str, number: int, r: Row) -> tuple[str, ...]:
        return (group, r.task, str(number), str(r.counts.found + r.counts.missed),
                *(share(r.figures[m]) for m in ("precision", "recall", "f1")), interval(r.intervals.get("f1")),
                share(r.figures["sensitivity"]), share(r.figures["specificity"]))

    return Table(
        title=f"By {dimension}", note="Small groups tell little: look at the intervals.", labels=2,
        columns=(dimension, "kind", "reports", "wanted", "precision", "recall", "F1", "95 %", "sensitivity",
                 "specificity"),
        rows=tuple(row(group, number, r) for group, (number, rows) in result.subgroups[dimension].items()
                   for r in rows if "specificity" in r.figures and any(r.counts[:4])))


def _failures(result: Evaluation) -> Table:
    return Table(title="Not read", note="What is annotated in them counts as missed.", columns=("report", "code"),
                 labels=2, rows=tuple((one.identity, one.failure) for one in result.failures))


def _errors(result: Evaluation) -> Table:
    return Table(
        title="Errors", note="Words of the reports: keep this page as you keep the reports.", labels=5,
        columns=("report", "task", "error", "words", "read as"),
        rows=tuple((e.report, e.task, "missed" if e.is_miss else "false",
                    Words(before=e.before, words=e.words, after=e.after), e.about)
                   for one in result.scored for e in one.errors))


def share(value: float | None, *, sign: bool = False) -> str:
    """A share with three digits; a dash where there is none."""
    return "–" if value is None else f"{value:+.3f}" if sign else f"{value:.3f}"


def interval(bounds: Interval | None, *, sign: bool = False) -> str:
    """Both ends of an interval; a dash where there is none."""
    return "–" if bounds is None else f"{share(bounds[0], sign=sign)} to {share(bounds[1], sign=sign)}"
