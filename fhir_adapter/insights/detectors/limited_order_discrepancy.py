"""
A limited ultrasound was ordered, and the report speaks of all that a complete one shows.

**Fires** for the ultrasounds of mappings/insights/completeness.yaml when every part of the complete examination, with
its size where the table asks for one, stands in the report.

**Stays silent** when any part is missing, when the order does not say limited, and about the pelvis of a patient whose
sex is unknown.
"""

from collections.abc import Iterator

from fhir_adapter.insights.completeness import measured, named, ordered, parts
from fhir_adapter.model.insight import Insight, Kind, OrderCompleteness
from fhir_adapter.model.reading import Reading
from fhir_adapter.tables.judgement import JudgementTables


def detect(reading: Reading, tables: JudgementTables) -> Iterator[Insight]:
    """At most one insight."""
    found = ordered(reading, tables.completeness)
    if found is None or found[1]:
        return
    row = found[0]
    whole = tuple(parts(reading, row.required))
    sized = tuple(part for part in parts(reading, row.measured) if measured(reading, part))
    if all(part.spans for part in whole) and len(sized) == len(row.measured):
        yield Insight(
            kind=Kind.LIMITED_ORDER_DISCREPANCY,
            statement=f"A limited examination was ordered; the report speaks of all of a complete one: {named(whole)}.",
            evidence=tuple(dict.fromkeys(part.spans[0] for part in whole)), rule=f"completeness.yaml {row.id}",
            detail=OrderCompleteness(examination=row.limited, parts=whole, measured=sized))
