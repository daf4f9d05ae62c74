"""
What was found, or denied, once for each thing however often it is mentioned.

**Fires** for every finding that the report makes, present, possible, absent or historical, with its site, side, sizes
and change; mentions in findings and impression are one insight with the words of both.

**Stays silent** about what the indication asks, the technique names or the comparison recalls, and about what is only
hypothetical or belongs to a relative.
"""

from collections.abc import Iterator

from fhir_adapter.insights.case import Case
from fhir_adapter.insights.merging import merged
from fhir_adapter.model.insight import Insight, Kind
from fhir_adapter.model.reading import Assertion, Finding

_SILENT = {Assertion.HYPOTHETICAL, Assertion.FAMILY}


def detect(case: Case) -> Iterator[Insight]:
    """Each finding, in the order of its first mention."""
    for finding, words in merged(f for f in case.reported if f.assertion not in _SILENT):
        yield Insight(kind=Kind.FINDING, statement=_told(finding, case.text), evidence=words, detail=finding,
                      subject=finding.concept, rule=finding.rule)


def _told(finding: Finding, text: str) -> str:
    side = f"{finding.side.value} " if finding.side else ""
    site = f" in {side}{finding.sites[0].code.display}" if finding.sites else (f" ({side.strip()})" if side else "")
    sizes = ", ".join(m.span.of(text) for m in finding.measurements if m.current)
    return f"{finding.concept.display}: {finding.assertion.value}{site}{f', {sizes}' if sizes else ''}."
