"""
A critical result in a report that documents no communication.

**Fires** once a report when it holds results that must be told in minutes, or present ones that must be told in hours,
and nowhere says that anyone was told.

**Stays silent** when any communication is documented, and about results that may wait for days.
"""

from collections.abc import Iterator

from fhir_adapter.insights.case import Case
from fhir_adapter.insights.merging import evidence, unique
from fhir_adapter.model.insight import Insight, Kind, UncommunicatedCriticalResult, Urgency
from fhir_adapter.tables.critical import Certainty


def detect(case: Case) -> Iterator[Insight]:
    """At most one insight, with all results that no one is said to know of."""
    if case.reading.communications:
        return
    urgent = [j for j in case.critical
              if j.row.urgency is Urgency.EMERGENT
              or (j.row.urgency is Urgency.URGENT and j.certainty is Certainty.PRESENT)]
    if urgent:
        names = ", ".join(j.row.name.lower() for j in urgent)
        yield Insight(
            kind=Kind.UNCOMMUNICATED_CRITICAL_RESULT,
            statement=f"No communication is documented of: {names}.",
            evidence=evidence(*unique(f for j in urgent for f in j.mentions)),
            detail=UncommunicatedCriticalResult(results=tuple(j.result for j in urgent)),
            subject=urgent[0].mentions[0].concept, urgency=min((j.row.urgency for j in urgent), key=str),
            rule=f"critical_results.yaml {urgent[0].row.id}")
