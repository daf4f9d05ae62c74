"""What is judged: one row for each task, with what counts as the same on both sides."""

import re
from collections.abc import Callable, Hashable, Iterator
from dataclasses import dataclass
from decimal import Decimal

from fhir_adapter.evaluation.annotated import Annotated, Record, marked, modality
from fhir_adapter.evaluation.exactly import (
    names_said,
    names_wanted,
    organs_said,
    organs_wanted,
    sides_said,
    sides_wanted,
)
from fhir_adapter.evaluation.matching import Mark
from fhir_adapter.model.insight import Compliance, Guidance, Insight, Kind, Outcome, QualityMeasure
from fhir_adapter.model.reading import Finding, Interval, Measurement, Recommendation, Score
from fhir_adapter.model.span import Span

_DAYS = {"d": 1, "wk": 7, "mo": 30, "a": 365}
_IMAGING = {"77477000": "CT", "113091000": "MR", "310169008": "US", "450436003": "PT"}
_CONTRAST = {"orderContrastMismatch", "textContrastContradiction"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """One thing that is judged. `gold` is the annotated kind; `name` is the insight's kind, a dot, and what of it;
    `summary` says what must agree.

    `wanted` and `said` give the marks of both sides. They are matched one to one, unless one insight may stand for
    several annotations (`shared`). With `anywhere`, the report as a whole is judged and words are only shown.
    """

    name: str
    gold: str
    summary: str
    wanted: Callable[[Annotated], Iterator[Mark]]
    said: Callable[[Annotated, Outcome], Iterator[Mark]]
    shared: bool = False
    anywhere: bool = False

    @property
    def is_main(self) -> bool:
        """Whether this is the task of the kind itself, for which a report as a whole is judged too."""
        return "." not in self.name


def _task(name: str, gold: str, summary: str, want: Callable[[Record], Hashable],
          said: Callable[[Outcome], Iterator[tuple[Span, Hashable]]]) -> Task:
    """A task over mentions; a key of None on either side leaves that mention out."""

    def wanted(report: Annotated) -> Iterator[Mark]:
        for item in report.gold[gold]:
            if (key := want(item)) is not None:
                yield Mark(spans=marked(item), key=key)

    def told(_: Annotated, outcome: Outcome) -> Iterator[Mark]:
        back = outcome.reading.report.offsets.to_original
        for span, key in said(outcome):
            if key is not None:
                yield Mark(spans=(back(span),), key=key)

    return Task(name=name, gold=gold, summary=summary, wanted=wanted, said=told)


def _once(kind: Kind, gold: str, summary: str, means: Callable[[Insight], bool] = lambda _: True) -> Task:
    """A task that a report as a whole answers with yes or no."""

    def wanted(report: Annotated) -> Iterator[Mark]:
        if items := report.gold[gold]:
            yield Mark(spans=tuple(span for item in items for span in marked(item)))

    def told(_: Annotated, outcome: Outcome) -> Iterator[Mark]:
        back = outcome.reading.report.offsets.to_original
        if found := [i for i in outcome.insights if i.kind is kind and means(i)]:
            yield Mark(spans=tuple(back(span) for insight in found for span in insight.evidence))

    return Task(name=kind.value, gold=gold, summary=summary, wanted=wanted, said=told, anywhere=True)


def _any(_: object) -> Hashable:
    """The key of a mention that only has to be found."""
    return ()


def _findings(key: Callable[[Finding], Hashable]) -> Callable[[Outcome], Iterator[tuple[Span, Hashable]]]:
    return lambda outcome: ((f.span, key(f)) for f in outcome.reading.findings)


def _measured(key: Callable[[Measurement], Hashable]) -> Callable[[Outcome], Iterator[tuple[Span, Hashable]]]:
    return lambda outcome: ((m.span, key(m)) for m in outcome.reading.measurements)


def _recommended(key: Callable[[Recommendation], Hashable]) -> Callable[[Outcome], Iterator[tuple[Span, Hashable]]]:
    """Recommendations of this report; what an earlier one recommended is none."""
    return lambda outcome: ((r.span, key(r)) for r in outcome.reading.recommendations if not r.historical)


def _scored(outcome: Outcome) -> Iterator[tuple[Span, Hashable]]:
    return ((s.span, score_key(s)) for s in outcome.reading.scores if s.legal)


def score_key(score: Score) -> Hashable:
    """System and value, without regard to case and punctuation of the system."""
    return _letters(score.system), score.value.lower()


def _letters(system: str) -> str:
    return re.sub(r"[^a-z]", "", system.lower())


def unit(code: str) -> str:
    """SUV has two spellings in UCUM: people write {SUV}, the engine g/ml{SUVbw}."""
    return "{SUV}" if "SUV" in code else code


def _numbers(measurement: Measurement) -> tuple[tuple[Decimal, ...], str]:
    high = () if measurement.high is None else (measurement.high,)
    return (*measurement.values, *high), unit(measurement.unit)


def _written(item: Record) -> tuple[tuple[Decimal, ...], str]:
    return tuple(Decimal(v) for v in item["values"]), unit(item["unit"])


def _sizes(item: Record) -> Hashable:
    """The sizes of a finding as a set, or None where it has none."""
    return frozenset((Decimal(s["value"]), unit(s["unit"]), s.get("current", True))
                     for s in item.get("sizes") or ()) or None


def _linked(finding: Finding) -> Hashable:
    return frozenset((value, unit(m.unit), m.current) for m in finding.measurements for value in _numbers(m)[0]
                     if m.unit in ("mm", "cm")) or None


def _days(item: Record) -> Hashable:
    interval = item.get("interval") or {}
    low, high = interval.get("min_days"), interval.get("max_days")
    return None if low is None and high is None else (_year(low), _year(high))


def _due(interval: Interval | None) -> Hashable:
    if interval is None or interval.vague or interval.unit.value not in _DAYS:
        return None
    days, low, high = _DAYS[interval.unit.value], interval.low, interval.high
    if low is not None and high is None:
        high = low
    return _year(low and low * days), _year(high and high * days)


def _year(days: int | None) -> int | None:
    """Twelve months of 30 days are a year of 365: sentences say both ("annual CT in 12 months")."""
    return days + 5 * (days // 360) if days and days % 360 == 0 else days


def _critical_wanted(report: Annotated) -> Iterator[Mark]:
    return (Mark(spans=marked(item)) for item in report.gold["criticalResults"])


def _critical_said(_: Annotated, outcome: Outcome) -> Iterator[Mark]:
    back = outcome.reading.report.offsets.to_original
    return (Mark(spans=tuple(map(back, i.evidence))) for i in outcome.insights if i.kind is Kind.CRITICAL_RESULT)


def _quality_wanted(report: Annotated) -> Iterator[Mark]:
    return (Mark(key=(i["measure"], i["compliance"])) for i in report.gold["qualityMeasures"])


def _quality_said(report: Annotated, outcome: Outcome) -> Iterator[Mark]:
    """Only the measures that people judged in this report: nobody lists all that do not apply.

    One that gave no insight is not eligible.
    """
    said = {insight.detail.measure: insight.detail.compliance for insight in outcome.insights
            if isinstance(insight.detail, QualityMeasure)}
    for item in report.gold["qualityMeasures"]:
        yield Mark(key=(item["measure"], said.get(item["measure"], Compliance.NOT_ELIGIBLE).value))


def _guidance_wanted(key: Callable[[Record], Hashable]) -> Callable[[Annotated], Iterator[Mark]]:
    def wanted(report: Annotated) -> Iterator[Mark]:
        for item in report.gold["guidance"]:
            if (one := key(item)) is not None:
                yield Mark(spans=marked(item), key=(item["identifier"], one))

    return wanted


def _guidance_said(key: Callable[[Guidance], Hashable]) -> Callable[[Annotated, Outcome], Iterator[Mark]]:
    def said(_: Annotated, outcome: Outcome) -> Iterator[Mark]:
        back = outcome.reading.report.offsets.to_original
        for insight in outcome.insights:
            if isinstance(insight.detail, Guidance) and (one := key(insight.detail)) is not None:
                yield Mark(spans=tuple(map(back, insight.evidence)), key=(insight.detail.identifier.code, one))

    return said


def _outcome(guidance: Guidance) -> str:
    if guidance.missing:
        return "missing"
    return "nothing" if guidance.proposals[0].nothing else "proposal"


def _proposed(item: Record) -> Hashable:
    """What is proposed first, and in how many days."""
    interval = item.get("interval") or {}
    when = (interval.get("min_days"), interval.get("max_days"))
    return (item.get("kind"), item.get("modality"), when) if item["outcome"] == "proposal" else None


def _first(guidance: Guidance) -> Hashable:
    if _outcome(guidance) != "proposal":
        return None
    first = guidance.proposals[0]
    days = _DAYS[first.unit.value] if first.unit else 0
    high = first.high if first.high is not None else first.low
    when = (first.low * days if first.low else None, high * days if high else None)
    return first.kind.value, _IMAGING.get(first.procedure.code if first.procedure else ""), when


def _about_contrast(insight: Insight) -> bool:
    return str(getattr(insight.detail, "type", "")) in _CONTRAST


TASKS = (
    Task(name="criticalResult", gold="criticalResults", wanted=_critical_wanted, said=_critical_said,
         shared=True, summary="any of its words"),
    Task(name="criticalResult.name", gold="criticalResults", wanted=names_wanted, said=names_said,
         shared=True, summary="and published name"),
    _task("finding", "findings", "words overlap", _any, _findings(_any)),
    _task("finding.assertion", "findings", "and assertion", lambda i: i["assertion"],
          _findings(lambda f: f.assertion.value)),
    _task("finding.laterality", "findings", "and side", lambda i: i.get("laterality"),
          _findings(lambda f: f.side and f.side.value)),
    _task("finding.sizes", "findings", "and all sizes", _sizes, _findings(_linked)),
    _task("measurement", "measurements", "and numbers, unit", _written, _measured(_numbers)),
    _task("measurement.current", "measurements", "and now or earlier",
          lambda i: (_written(i), i.get("current", True)), _measured(lambda m: (_numbers(m), m.current))),
    _task("followupRecommendation", "recommendations", "words overlap", _any,
          _recommended(_any)),
    _task("followupRecommendation.modality", "recommendations", "and modality",
          lambda i: modality(i.get("modality") or "") or None, _recommended(lambda r: modality(r.modality) or None)),
    _task("followupRecommendation.interval", "recommendations", "and days", _days,
          _recommended(lambda r: _due(r.interval))),
    _task("followupCommunication", "communications", "words overlap", _any,
          lambda o: ((c.span, ()) for c in o.reading.communications)),
    _task("followupCommunication.recipient", "communications", "and recipient", lambda i: i.get("recipientRole"),
          lambda o: ((c.span, c.recipient_role.value) for c in o.reading.communications)),
    _task("scoringAndAssessment", "scores", "and system, value",
          lambda i: (_letters(i["system"]), str(i["value"]).lower()), _scored),
    Task(name="guidance", gold="guidance", summary="its words, guideline", wanted=_guidance_wanted(_any),
         said=_guidance_said(_any)),
    Task(name="guidance.outcome", gold="guidance", summary="and proposal, nothing or missing",
         wanted=_guidance_wanted(lambda i: i["outcome"]), said=_guidance_said(_outcome)),
    Task(name="guidance.proposal", gold="guidance", summary="and what first, when", wanted=_guidance_wanted(_proposed),
         said=_guidance_said(_first)),
    Task(name="qualityMeasure", gold="qualityMeasures", wanted=_quality_wanted, said=_quality_said,
         summary="compliance"),
    _once(Kind.AGE_MISMATCH, "ageMismatch", "once a report"),
    _once(Kind.SEX_MISMATCH, "sexMismatch", "once a report"),
    _once(Kind.LATERALITY_DISCREPANCY, "lateralityDiscrepancy", "once a report"),
    Task(name="lateralityDiscrepancy.type", gold="lateralityDiscrepancy", summary="and its type", anywhere=True,
         wanted=sides_wanted, said=sides_said),
    _once(Kind.COMPLETE_ORDER_DISCREPANCY, "completeOrderDiscrepancy", "once a report"),
    Task(name="completeOrderDiscrepancy.organs", gold="completeOrderDiscrepancy", summary="and each organ",
         wanted=organs_wanted("completeOrderDiscrepancy", "missing", "missingMeasurements"),
         said=organs_said(Kind.COMPLETE_ORDER_DISCREPANCY)),
    _once(Kind.LIMITED_ORDER_DISCREPANCY, "limitedOrderDiscrepancy", "once a report"),
    Task(name="limitedOrderDiscrepancy.organs", gold="limitedOrderDiscrepancy", summary="and each organ",
         wanted=organs_wanted("limitedOrderDiscrepancy", "present", "presentMeasurements"),
         said=organs_said(Kind.LIMITED_ORDER_DISCREPANCY)),
    _once(Kind.PROCEDURE_DISCREPANCY, "contrastDiscrepancy", "once a report", _about_contrast),
)
