"""Numbered findings: what follows "Nodule 1:" is about that nodule until "Nodule 2:" begins."""

from collections.abc import Iterator

from fhir_adapter.insights.case import Case
from fhir_adapter.insights.own_words import NUMBERED
from fhir_adapter.insights.places import around, within
from fhir_adapter.model.reading import Finding
from fhir_adapter.model.span import Span


def blocks(case: Case, found: tuple[Finding, ...]) -> Iterator[tuple[tuple[Finding, ...], Span]]:
    """Each numbered finding: the mentions within its stretch of text, at least one, and the stretch, in one section."""
    starts = [match.start() for match in case.sight.finditer(NUMBERED, case.text)]
    for number, start in enumerate(starts):
        section = around(case.reading.sections, Span(start, start + 1))
        if section is None:
            continue
        span = Span(start, min([*starts[number + 1:number + 2], section.span.end]))
        if mentions := tuple(within(found, span)):
            yield mentions, span
