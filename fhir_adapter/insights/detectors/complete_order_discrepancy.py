"""
A complete ultrasound was ordered, and the report does not speak of all that a complete one shows.

**Fires** for the ultrasounds of abdomen, pelvis, retroperitoneum and breast by mappings/insights/completeness.yaml,
with the missing parts and, where the table asks for sizes, the parts without one.

**Stays silent** when each part is mentioned, be it as unremarkable or surgically absent, when the order does not say
complete, and about the pelvis of a patient whose sex is unknown.
"""

from collections.abc import Iterator

from fhir_adapter.insights.case import Case
from fhir_adapter.insights.completeness import measured, named, ordered, parts
from fhir_adapter.model.insight import Insight, Kind, OrderCompleteness
from fhir_adapter.model.span import Span


def detect(case: Case) -> Iterator[Insight]:
    """At most one insight."""
    reading = case.reading
    found = ordered(reading, case.tables.completeness)
    if found is None or not found[1]:
        return
    row = found[0]
    whole = tuple(parts(reading, row.required))
    missing = tuple(part for part in whole if not part.spans)
    sized = tuple(parts(reading, row.measured))
    unmeasured = tuple(part for part in sized if not measured(reading, part, sized))
    if missing or unmeasured:
        what = f"does not speak of: {named(missing)}" if missing else f"gives no size of: {named(unmeasured)}"
        present = tuple(span for part in whole for span in part.spans[:1])
        yield Insight(
            kind=Kind.COMPLETE_ORDER_DISCREPANCY, statement=f"A complete examination was ordered; the report {what}.",
            evidence=present or (Span(0, len(case.text)),), rule=f"completeness.yaml {row.id}",
            detail=OrderCompleteness(examination=row.complete, parts=missing, measured=unmeasured))
