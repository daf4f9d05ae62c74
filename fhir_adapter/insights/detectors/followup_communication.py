"""
Someone was told of a result: whom by role, when, and whether it was acknowledged.

**Fires** once for each communication that the report documents as done.

**Stays silent** about what will be communicated, and about communications of earlier reports.
"""

from collections.abc import Iterator

from fhir_adapter.insights.case import Case
from fhir_adapter.model.insight import Insight, Kind
from fhir_adapter.model.reading import Communication, RecipientRole

_WORDS = {RecipientRole.DOCTOR: "a doctor", RecipientRole.NURSE: "a nurse", RecipientRole.MIDWIFE: "a midwife",
          RecipientRole.PHYSICIAN_ASSISTANT: "a physician assistant", RecipientRole.UNKNOWN: "someone of no named role"}


def detect(case: Case) -> Iterator[Insight]:
    """Each communication, in the order of the text."""
    for told in case.reading.communications:
        spans = (told.span, *filter(None, (told.recipient_span, told.at_span)))
        yield Insight(kind=Kind.FOLLOWUP_COMMUNICATION, statement=_told(told), evidence=tuple(dict.fromkeys(spans)),
                      detail=told, rule=told.rule)


def _told(told: Communication) -> str:
    how = "acknowledged" if told.acknowledged else "not known to be acknowledged"
    return f"Communicated to {_WORDS[told.recipient_role]}, {how}; {'time given' if told.at_span else 'no time given'}."
