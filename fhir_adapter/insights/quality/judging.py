"""How a report does by one quality measure."""

from fhir_adapter.insights.case import Case
from fhir_adapter.insights.quality.criteria import asked_for, met
from fhir_adapter.insights.quality.eligibility import eligible, said
from fhir_adapter.model.insight import Compliance, QualityMeasure
from fhir_adapter.model.span import Span
from fhir_adapter.tables.quality import MeasureRow


def judge(case: Case, row: MeasureRow) -> tuple[QualityMeasure, tuple[Span, ...]]:
    """The result with the words that it rests on, none for a report that the measure does not judge."""
    about = eligible(case, row.eligible)
    return (_result(row, Compliance.NOT_ELIGIBLE, ()), ()) if about is None else judged(case, row, about)


def judged(case: Case, row: MeasureRow, about: tuple[Span, ...]) -> tuple[QualityMeasure, tuple[Span, ...]]:
    """The result of a report that the words `about` make eligible, with the words that it rests on.

    Criteria that are met are named even where they are not enough. A met measure stays met with exception words beside.
    """
    spans = {c.name: found for c in row.criteria if (found := met(case, c)) is not None}
    unasked = {c.name for c in row.criteria if not asked_for(case, c)}
    words = (*(span for found in spans.values() for span in found), *about)
    if any(all(name in spans or name in unasked for name in names) for names in row.met):
        return _result(row, Compliance.PERFORMANCE_MET, tuple(spans)), words
    excuses = tuple(said(case, row.exception, denied=True))
    compliance = Compliance.DENOMINATOR_EXCEPTION if excuses else Compliance.PERFORMANCE_NOT_MET
    return _result(row, compliance, tuple(spans)), (*excuses, *words)


def _result(row: MeasureRow, compliance: Compliance, criteria: tuple[str, ...]) -> QualityMeasure:
    return QualityMeasure(measure=row.id, title=row.title, year=row.year, denominator=row.denominator,
                          compliance=compliance, criteria=criteria)
