"""
A result that someone must be told of in minutes, hours or days.

**Fires** when a finding of mappings/insights/critical_results.yaml is present or possible in the report itself and the
row's conditions hold (words, site, size); once for each result, with the words of all its mentions. A possible one is
as urgent as a present one: it is the doubt that has to be settled in time.

**Stays silent** when the finding is absent, historical, hypothetical or a relative's, when it is stable, smaller,
chronic or healed, and when the row's `unless` words stand in its sentence.
"""

import re
from collections.abc import Iterator

from fhir_adapter.insights.merging import evidence, reported
from fhir_adapter.model.insight import CriticalResult, Insight, Kind, Urgency
from fhir_adapter.model.reading import Assertion, Change, Finding, Reading
from fhir_adapter.tables.judgement import CriticalRow, JudgementTables

_WITHIN = {Urgency.EMERGENT: "minutes", Urgency.URGENT: "hours", Urgency.NONCRITICAL: "days"}


def detect(reading: Reading, tables: JudgementTables) -> Iterator[Insight]:
    """Each critical result, in the order of the table."""
    candidates = [f for f in reported(reading.findings) if f.assertion in (Assertion.PRESENT, Assertion.POSSIBLE)
                  and f.change not in (Change.STABLE, Change.SMALLER)
                  and not (f.chronicity and f.chronicity.code.display == "Chronic")]
    for row in tables.critical:
        found = [f for f in candidates if _is(f, row, reading.report.text)]
        if not found:
            continue
        best = next((f for f in found if f.assertion is Assertion.PRESENT), found[0])
        doubt = "" if best.assertion is Assertion.PRESENT else "possible "
        yield Insight(
            kind=Kind.CRITICAL_RESULT,
            statement=f"Critical result, {doubt}{row.name.lower()}: to be communicated within {_WITHIN[row.urgency]}.",
            evidence=evidence(best, *(f for f in found if f is not best)),
            detail=CriticalResult(name=row.name, finding=best), subject=best.concept, urgency=row.urgency,
            rule=f"critical_results.yaml {row.id}")


def _is(finding: Finding, row: CriticalRow, text: str) -> bool:
    if finding.concept.code not in row.concepts:
        return False
    mention = finding.span.of(text)
    sentence = finding.sentence.span.of(text)
    if row.words and not re.search(row.words, mention, re.IGNORECASE):
        return False
    if row.sentence and not re.search(row.sentence, sentence, re.IGNORECASE):
        return False
    if row.unless and re.search(row.unless, sentence, re.IGNORECASE):
        return False
    return not row.sites or any(site.code.code in row.sites for site in finding.sites)
