"""
What was ordered: modality, anatomy, side, contrast and number of views.

**Fires** once for an order with code or words whose modality is known; one part for each body part that the order names
(mappings/insights/order_anatomy.csv), the whole body structure where it names none.

**Stays silent** without an order, and for an order whose modality no table knows.
"""

import re
from collections.abc import Iterator

from fhir_adapter.model.code import LOINC, RADLEX, SNOMED_CT, Code
from fhir_adapter.model.insight import ImagingProcedure, Insight, Kind, RadiologyProcedure
from fhir_adapter.model.reading import Reading
from fhir_adapter.model.span import Span
from fhir_adapter.tables.judgement import JudgementTables

_VIEWS = re.compile(r"\b([1-8])\s*(?:v|vw|vws|views?)\b", re.IGNORECASE)
# RadLex, as published for the procedures of Radiology Insights (MicrosoftDocs/azure-docs).
_VIEW_CODES = {1: "RID43399", 2: "RID43403", 3: "RID43406", 4: "RID43408", 5: "RID43559", 6: "RID50157",
               7: "RID50158", 8: "RID50159"}
_SOMEWHERE = Code(system=SNOMED_CT, code="279495008", display="Human body structure")


def detect(reading: Reading, tables: JudgementTables) -> Iterator[Insight]:
    """At most one insight."""
    order = reading.report.order
    words = " ".join(filter(None, (order.text, order.code.display if order.code else "")))
    modality = tables.modalities.get(order.modality)
    if modality is None or not words.strip():
        return
    anatomies = tuple(row.code for row in tables.order_anatomy if row.words.search(words)) or (_SOMEWHERE,)
    match = _VIEWS.search(words)
    number = int(match[1]) if match else 0
    view = Code(system=RADLEX, code=_VIEW_CODES[number], display=f"{number} VIEW{'S' if number > 1 else ''}"
                ) if number else None
    imaging = tuple(ImagingProcedure(modality=modality, anatomy=anatomy, side=order.side, contrast=order.contrast,
                                     view=view) for anatomy in anatomies)
    standard = (order.code,) if order.code and order.code.system == LOINC else ()
    first = reading.sections[0].span if reading.sections else Span(0, len(reading.report.text))
    named = tuple(m.span for m in reading.techniques) or (first,)
    yield Insight(
        kind=Kind.RADIOLOGY_PROCEDURE, evidence=named, rule="order_anatomy.csv", subject=modality,
        statement=f"Ordered: {modality.display} of {', '.join(a.display for a in anatomies)}.",
        detail=RadiologyProcedure(procedure_codes=standard, imaging=imaging, ordered=order.code,
                                  description=order.text.strip()))
