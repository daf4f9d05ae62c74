"""
A limited ultrasound was ordered, and the report speaks of all that a complete one shows.

**Fires** for the ultrasounds of mappings/insights/completeness.yaml when every part of the complete examination, with
its size where the table asks for one, stands in the report.

**Stays silent** when any part is missing, when the order does not say limited, and about the pelvis of a patient whose
sex is unknown.
"""

from collections.abc import Iterator

from fhir_adapter.insights.case import Case
from fhir_adapter.insights.completeness import measured, named, ordered, parts
from fhir_adapter.model.insight import Insight, Kind, OrderCompleteness


def detect(case: Case) -> Iterator[Insight]:
    """At most one insight."""
    reading = case.reading
    found = ordered(reading, case.tables.completeness)
    if found is None or found[1]:
        return
    row = found[0]
    whole = tuple(parts(reading, row.required))
    among = tuple(parts(reading, row.measured))
    sized = tuple(part for part in among if measured(reading, part, among))
    if all(part.spans for part in whole) and len(sized) == len(row.measured):
        yield Insight(
            kind=Kind.LIMITED_ORDER_DISCREPANCY,
            statement=f"A limited examination was ordered; the report speaks of all of a complete one: {named(whole)}.",
            evidence=tuple(dict.fromkeys(part.spans[0] for part in whole)), rule=f"completeness.yaml {row.id}",
            detail=OrderCompleteness(examination=row.limited, parts=whole, measured=sized))
