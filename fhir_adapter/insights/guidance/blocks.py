"""Numbered findings: what follows "Nodule 1:" is about that nodule until "Nodule 2:" begins."""

import re
from collections.abc import Iterator

from fhir_adapter.model.reading import Finding, Reading
from fhir_adapter.model.span import Span

_NUMBERED = re.compile(r"\b(?:nodule|lesion|mass|cyst)\s*(?:#|no\.?|number)?\s*\d{1,2}\s*(?=[:.(-])", re.IGNORECASE)


def blocks(reading: Reading, found: tuple[Finding, ...]) -> Iterator[tuple[tuple[Finding, ...], Span]]:
    """Each numbered finding: the mentions within its stretch of text, at least one, and the stretch, in one section."""
    starts = [match.start() for match in _NUMBERED.finditer(reading.report.text)]
    for number, start in enumerate(starts):
        section = next((s.span for s in reading.sections if s.span.start <= start < s.span.end), None)
        if section is None:
            continue
        span = Span(start, min([*starts[number + 1:number + 2], section.end]))
        if mentions := tuple(f for f in found if span.covers(f.span)):
            yield mentions, span
