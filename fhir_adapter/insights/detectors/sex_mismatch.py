"""
The text is about a patient of the other sex than the metadata say.

**Fires** when the text calls the patient a man or a woman, or describes an organ, condition or procedure of one sex,
and the metadata say the other; one insight with all the words.

**Stays silent** when the metadata say neither male nor female, about relatives, denied organs and clinicians, and when
a pronoun alone speaks against the metadata, which a dictation template does easily.
"""

from collections.abc import Iterator

from fhir_adapter.insights.case import Case
from fhir_adapter.model.insight import Insight, Kind, SexMismatch
from fhir_adapter.model.report import Sex

_OTHER = {Sex.MALE: Sex.FEMALE, Sex.FEMALE: Sex.MALE}


def detect(case: Case) -> Iterator[Insight]:
    """At most one insight."""
    known = case.reading.report.patient.sex
    if known not in _OTHER:
        return
    against = [mention for mention in case.reading.sexes if mention.sex is _OTHER[known]]
    strong = [mention for mention in against if " pronoun " not in mention.rule]
    if strong:
        yield Insight(
            kind=Kind.SEX_MISMATCH,
            statement=f"The text speaks of a {_OTHER[known].value} patient; the metadata say {known.value}.",
            evidence=tuple(m.span for m in (*strong, *(m for m in against if m not in strong))),
            detail=SexMismatch(indicated=_OTHER[known]), rule=strong[0].rule)
