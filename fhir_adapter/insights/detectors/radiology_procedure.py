"""
What was ordered: modality, anatomy, side, contrast, and views, how many and which.

**Fires** once for an order whose modality its words, the sender or its code (mappings/procedures.csv: CPT, LOINC, a
site's own) tell; one part for each body part that the order names (mappings/insights/order_anatomy.csv), the whole body
structure where it names none. Views are those of mappings/insights/order_views.csv; PA and lateral are two.

**Stays silent** without an order, and for an order whose modality no table knows.
"""

from collections.abc import Iterator

from fhir_adapter.insights import ordered
from fhir_adapter.insights.case import Case
from fhir_adapter.model.code import LOINC
from fhir_adapter.model.insight import ImagingProcedure, Insight, Kind, RadiologyProcedure
from fhir_adapter.model.span import Span


def detect(case: Case) -> Iterator[Insight]:
    """At most one insight."""
    reading, tables = case.reading, case.tables
    order = reading.report.order
    words = ordered.words(order, tables)
    modality = tables.modalities.get(order.modality)
    if modality is None or not words.strip():
        return
    anatomies = ordered.anatomies(words, tables, case.sight)
    view, types = ordered.views(words, order.modality, tables, case.sight)
    contrast = ordered.contrast(order, words)
    imaging = tuple(ImagingProcedure(modality=modality, anatomy=anatomy, side=order.side, contrast=contrast,
                                     view=view, view_types=types) for anatomy in anatomies)
    standard = (order.code,) if order.code and order.code.system == LOINC else ()
    first = reading.sections[0].span if reading.sections else Span(0, len(case.text))
    named = tuple(m.span for m in reading.techniques) or (first,)
    by_code = order.code.code if order.code and order.code.code in tables.procedures else ""
    yield Insight(
        kind=Kind.RADIOLOGY_PROCEDURE, evidence=named, subject=modality,
        rule=f"procedures.csv {by_code}" if by_code else f"order_anatomy.csv {anatomies[0].code}",
        statement=f"Ordered: {modality.display} of {', '.join(a.display for a in anatomies)}.",
        detail=RadiologyProcedure(procedure_codes=standard, imaging=imaging, ordered=order.code,
                                  description=order.text.strip()))
