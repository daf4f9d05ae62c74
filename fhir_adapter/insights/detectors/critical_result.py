"""
A result that someone must be told of in minutes, hours or days.

**Fires** when a thing that the report finds fulfils a row of mappings/insights/critical_results.yaml (words, place,
size, context); once for each published name, with the words of all mentions. The first row that fits claims a thing, so
that it is not told twice. What must be told within minutes is told when it is only possible: the doubt has to be
settled in time. What may wait for hours or days is told when the report calls it likely or suspicious.

**Stays silent** when the finding is absent, improbable, historical, hypothetical or a relative's, when it is only not
excluded or one of a differential, when a part of the report calls it stable, smaller, chronic, known or treated or
measures it no larger than before and none calls it new, when a cancer that is known has spread outside the brain, and
when the row's `unless` words stand in its sentence.
"""

from collections.abc import Iterator

from fhir_adapter.insights.case import Case
from fhir_adapter.insights.merging import evidence
from fhir_adapter.model.insight import Insight, Kind, Urgency
from fhir_adapter.tables.critical import Certainty

_WITHIN = {Urgency.EMERGENT: "minutes", Urgency.URGENT: "hours", Urgency.NONCRITICAL: "days"}


def detect(case: Case) -> Iterator[Insight]:
    """Each critical result, in the order of the table."""
    for judged in case.critical:
        row = judged.row
        doubt = "" if judged.certainty is Certainty.PRESENT else "possible "
        yield Insight(
            kind=Kind.CRITICAL_RESULT,
            statement=f"Critical result, {doubt}{row.name.lower()}: to be communicated within {_WITHIN[row.urgency]}.",
            evidence=evidence(*judged.mentions), detail=judged.result, subject=judged.mentions[0].concept,
            urgency=row.urgency, rule=f"critical_results.yaml {row.id}")
