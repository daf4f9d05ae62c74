"""
A result that someone must be told of in minutes, hours or days.

**Fires** when a finding of mappings/insights/critical_results.yaml is present or possible in the report itself and the
row's conditions hold (words, site, size); once for each result, with the words of all its mentions. A possible one is
as urgent as a present one: it is the doubt that has to be settled in time.

**Stays silent** when the finding is absent, historical, hypothetical or a relative's, when it is stable, smaller,
chronic or healed, and when the row's `unless` words stand in its sentence.
"""

from collections.abc import Iterator

from fhir_adapter.insights import critical
from fhir_adapter.insights.merging import evidence
from fhir_adapter.model.insight import Insight, Kind, Urgency
from fhir_adapter.model.reading import Assertion, Reading
from fhir_adapter.tables.judgement import JudgementTables

_WITHIN = {Urgency.EMERGENT: "minutes", Urgency.URGENT: "hours", Urgency.NONCRITICAL: "days"}


def detect(reading: Reading, tables: JudgementTables) -> Iterator[Insight]:
    """Each critical result, in the order of the table."""
    for row, result, found in critical.results(reading, tables):
        doubt = "" if result.finding.assertion is Assertion.PRESENT else "possible "
        yield Insight(
            kind=Kind.CRITICAL_RESULT,
            statement=f"Critical result, {doubt}{row.name.lower()}: to be communicated within {_WITHIN[row.urgency]}.",
            evidence=evidence(*found), detail=result, subject=result.finding.concept, urgency=row.urgency,
            rule=f"critical_results.yaml {row.id}")
