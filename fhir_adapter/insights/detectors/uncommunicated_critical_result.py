"""
A critical result in a report that documents no communication.

**Fires** once a report when it holds results that must be told in minutes, or present ones that must be told in hours,
and nowhere says that anyone was told.

**Stays silent** when any communication is documented, and about results that may wait for days.
"""

from collections.abc import Iterator

from fhir_adapter.insights import critical
from fhir_adapter.insights.merging import evidence
from fhir_adapter.model.insight import Insight, Kind, UncommunicatedCriticalResult, Urgency
from fhir_adapter.model.reading import Assertion, Reading
from fhir_adapter.tables.judgement import JudgementTables


def detect(reading: Reading, tables: JudgementTables) -> Iterator[Insight]:
    """At most one insight, with all results that no one is said to know of."""
    if reading.communications:
        return
    urgent = [(row, result, found) for row, result, found in critical.results(reading, tables)
              if row.urgency is Urgency.EMERGENT
              or (row.urgency is Urgency.URGENT and result.finding.assertion is Assertion.PRESENT)]
    if urgent:
        names = ", ".join(row.name.lower() for row, _, _ in urgent)
        yield Insight(
            kind=Kind.UNCOMMUNICATED_CRITICAL_RESULT,
            statement=f"No communication is documented of: {names}.",
            evidence=evidence(*dict.fromkeys(f for _, _, found in urgent for f in found)),
            detail=UncommunicatedCriticalResult(results=tuple(result for _, result, _ in urgent)),
            subject=urgent[0][1].finding.concept, urgency=min((row.urgency for row, _, _ in urgent), key=str),
            rule=f"critical_results.yaml {urgent[0][0].id}")
