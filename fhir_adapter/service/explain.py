"""Why an outcome is what it is: the de-identified words with their evidence, the insights, the issues."""

from collections.abc import Iterator

from fhir_adapter.model.insight import Insight, Kind, Outcome
from fhir_adapter.model.reading import Assertion, Finding
from fhir_adapter.model.span import Span

_RESOURCES = {
    Kind.FINDING: "Observation", Kind.SCORING_AND_ASSESSMENT: "Observation", Kind.RADIOLOGY_PROCEDURE: "Observation",
    Kind.QUALITY_MEASURE: "Observation", Kind.GUIDANCE: "Observation", Kind.FOLLOWUP_RECOMMENDATION: "ServiceRequest",
    Kind.FOLLOWUP_COMMUNICATION: "Communication"}


def explained(outcome: Outcome, *, colour: bool = False) -> str:
    """The outcome as text for a terminal; control characters of the report are made visible, so that none can act."""
    safe = outcome.reading.report
    head = " · ".join(filter(None, (safe.order.text or "report", safe.status.value, f"{safe.format} {safe.version}")))
    told = [i for i in outcome.insights if i.kind is not Kind.FINDING or (
        isinstance(i.detail, Finding) and i.detail.assertion in (Assertion.PRESENT, Assertion.POSSIBLE))]
    denied = len(outcome.insights) - len(told)
    lines = [_inert(head), "", _marked(safe.text, told, colour=colour), "", "Insights"]
    lines += [line for insight in told for line in _insight(insight, safe.text)] or ["  none"]
    if denied:
        lines.append(f"  and {denied} findings that the report denies or recalls")
    lines += ["", "Issues", *([f"  {issue}" for issue in outcome.issues] or ["  none"])]
    return "\n".join(lines)


def _insight(insight: Insight, text: str) -> Iterator[str]:
    words = ", ".join(f"“{_inert(' '.join(span.of(text).split()))[:60]}”" for span in insight.evidence[:6])
    yield f"  {insight.kind.value}: {_inert(insight.statement)}"
    yield f"      {words} → {_RESOURCES.get(insight.kind, 'Flag')} ({insight.rule})"


def _marked(text: str, insights: list[Insight], *, colour: bool) -> str:
    before, after = ("\x1b[4m", "\x1b[24m") if colour else ("[", "]")
    out, position = [], 0
    for span in _joined(span for insight in insights for span in insight.evidence[:6]):
        out += [_inert(text[position : span.start]), before, _inert(span.of(text)), after]
        position = span.end
    return "".join([*out, _inert(text[position:])])


def _joined(spans: Iterator[Span]) -> list[Span]:
    """Overlapping stretches as one, in order."""
    out: list[Span] = []
    for span in sorted(set(spans)):
        if out and span.start < out[-1].end:
            out[-1] = Span(out[-1].start, max(out[-1].end, span.end))
        else:
            out.append(span)
    return out


def _inert(text: str) -> str:
    return "".join(c if c in "\n\t" or (c.isprintable()) else "�" for c in text)
