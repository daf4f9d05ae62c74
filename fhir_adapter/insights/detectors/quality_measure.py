"""
How the report does by a quality measure that judges it, with the criteria that it meets.

**Fires** once for each measure of mappings/insights/quality_measures.yaml whose denominator the report belongs to, by
modality, order, age, sex, contrast, finding and words: performance met, not met, or a denominator exception where the
report gives a reason that the measure accepts. Measures have a year; drop the rows that a department does not report.

**Stays silent** about measures whose denominator the report does not belong to; asked for them by name, the Radiology
Insights API answers notEligible. An unknown age counts as an adult's, an unknown sex as neither.

The measures with their years and sources: docs/reference/guidelines.md.
"""

from collections.abc import Iterator

from fhir_adapter.insights.case import Case
from fhir_adapter.insights.quality import eligible, judged
from fhir_adapter.model.insight import Compliance, Insight, Kind
from fhir_adapter.model.span import Span

_TOLD = {Compliance.PERFORMANCE_MET: "performance met", Compliance.PERFORMANCE_NOT_MET: "performance not met",
         Compliance.DENOMINATOR_EXCEPTION: "denominator exception"}


def detect(case: Case) -> Iterator[Insight]:
    """Each measure that judges the report, in the order of the table."""
    for row in case.tables.measures:
        about = eligible(case, row.eligible)
        if about is None:
            continue
        result, spans = judged(case, row, about)
        named = f" ({', '.join(c.lower() for c in result.criteria)})" if result.criteria else ""
        inverse = " Lower is better in this measure." if row.inverse else ""
        yield Insight(
            kind=Kind.QUALITY_MEASURE,
            statement=f"{row.id.upper()} of {row.year}: {_TOLD[result.compliance]}{named}.{inverse}",
            evidence=tuple(dict.fromkeys(spans)) or (Span(0, len(case.text)),), detail=result,
            rule=f"quality_measures.yaml {row.id}")
