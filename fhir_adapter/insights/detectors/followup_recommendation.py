"""
Something that the report asks to be done, with what, where, when and why.

**Fires** for each imaging, procedure or consultation that the report recommends for this patient; the same one in
findings and impression is one insight. What is missing (modality, interval) is said to be missing. The interval is
counted from the day of the examination.

**Stays silent** when a sentence only quotes a guideline without an interval of its own, when nothing is needed ("no
follow-up"), and about recommendations of earlier reports.
"""

from collections.abc import Iterator

from fhir_adapter.insights.case import Case
from fhir_adapter.insights.due import resolve
from fhir_adapter.insights.merging import mark
from fhir_adapter.insights.places import following, within
from fhir_adapter.model.insight import FollowUp, Insight, Kind, Reason, ReasonStatus, Urgency
from fhir_adapter.model.reading import Assertion, Finding, Recommendation, RecommendationKind, SectionKind
from fhir_adapter.model.span import Span

_REASONS = (Assertion.PRESENT, Assertion.POSSIBLE)


def detect(case: Case) -> Iterator[Insight]:
    """Each recommendation, in the order of its first mention."""
    return _grouped(case, guideline=False)


def quoted(case: Case) -> Iterator[Insight]:
    """What the report quotes of a guideline without saying that it is for this patient; only for who asks for it."""
    return _grouped(case, guideline=True)


def _grouped(case: Case, *, guideline: bool) -> Iterator[Insight]:
    groups: dict[tuple[object, ...], list[Recommendation]] = {}
    for recommendation in case.reading.recommendations:
        if recommendation.guideline is not guideline or recommendation.historical:
            continue
        interval = recommendation.interval
        when = (interval.low, interval.high, interval.unit) if interval else None
        key = (recommendation.kind, recommendation.modality or recommendation.procedure, when)
        groups.setdefault(key, []).append(recommendation)
    if not groups:
        return
    urgent = {mark(f): j.row.name for j in case.critical for f in j.mentions}
    reasons_of = _Reasons(case)
    for group in groups.values():
        best = max(group, key=lambda r: (r.site is not None, r.interval is not None))
        reasons = tuple(_reason(f, best, urgent.get(mark(f), "")) for f in reasons_of(best))
        due, start, end = resolve(best.interval, case.reading.report.service)
        yield Insight(
            kind=Kind.FOLLOWUP_RECOMMENDATION, statement=_told(best, case.text),
            evidence=tuple(dict.fromkeys(span for r in (best, *group) for span in _words(r))),
            detail=FollowUp(recommendation=best, reasons=reasons, due=due, start=start, end=end),
            subject=best.procedure, urgency=Urgency.NONCRITICAL, rule=best.rule)


def _words(recommendation: Recommendation) -> Iterator[Span]:
    yield recommendation.cue
    if recommendation.procedure_span:
        yield recommendation.procedure_span
    if recommendation.interval:
        yield recommendation.interval.span
    if recommendation.site:
        yield recommendation.site.span


class _Reasons:
    """The findings that a recommendation may be for."""

    def __init__(self, case: Case) -> None:
        self._found = [f for f in case.reported if f.assertion in _REASONS]
        self._of_section: dict[SectionKind, list[Finding]] = {}
        for finding in self._found:
            self._of_section.setdefault(finding.sentence.section, []).append(finding)

    def __call__(self, recommendation: Recommendation) -> tuple[Finding, ...]:
        """Those of the same sentence, else of the nearest sentence before it in the same section."""
        if here := within(self._found, recommendation.span):
            return tuple(here)
        section = self._of_section.get(recommendation.sentence.section, [])
        behind = following(section, recommendation.span.end)
        if not behind:
            return ()
        nearest = section[behind - 1]
        return tuple(within(section, Span(nearest.sentence.span.start, nearest.span.end)))


def _reason(finding: Finding, recommendation: Recommendation, name: str) -> Reason:
    status = ReasonStatus.PRESENT
    if finding.assertion is Assertion.POSSIBLE:
        status = ReasonStatus.RULE_OUT if finding.span.start >= recommendation.cue.end else ReasonStatus.DIFFERENTIAL
    if recommendation.conditional and recommendation.span.covers(finding.span):
        status = ReasonStatus.CONDITIONAL
    return Reason(finding=finding, status=status, critical=name)


def _told(recommendation: Recommendation, text: str) -> str:
    what = recommendation.procedure.display if recommendation.procedure else (
        "imaging of no named modality" if recommendation.kind is RecommendationKind.IMAGING else "follow-up")
    where = f" of {recommendation.site.code.display}" if recommendation.site else ""
    when = recommendation.interval.span.of(text) if recommendation.interval else "no interval given"
    force = "Considered" if recommendation.option else "Recommended"
    condition = ", on a condition" if recommendation.conditional else ""
    return f"{force}: {what}{where}; {' '.join(when.split())}{condition}."
