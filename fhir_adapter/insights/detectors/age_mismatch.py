"""
The text gives the patient another age than the metadata do.

**Fires** when an age in the text and the age at the day of the examination differ by as much as
mappings/insights/age_tolerance.csv says for their unit: two years, since one may be a birthday; less under two years.

**Stays silent** without a birth date or age in the metadata, when ages of ninety and more meet, and about a relative's
age or the age at which something happened.
"""

from collections.abc import Iterator

from fhir_adapter.insights.case import Case
from fhir_adapter.model.insight import AgeMismatch, Insight, Kind
from fhir_adapter.model.report import Age, AgeUnit
from fhir_adapter.tables.judgement import JudgementTables

_DAYS = {AgeUnit.YEARS: 365.25, AgeUnit.MONTHS: 30.44, AgeUnit.WEEKS: 7.0, AgeUnit.DAYS: 1.0}
_WORDS = {AgeUnit.YEARS: "years", AgeUnit.MONTHS: "months", AgeUnit.WEEKS: "weeks", AgeUnit.DAYS: "days"}


def detect(case: Case) -> Iterator[Insight]:
    """One insight with all mentions of an age that is not the patient's."""
    known = case.reading.report.patient.age
    if known is None:
        return
    wrong = [mention for mention in case.reading.ages if _differ(mention.age, known, case.tables)]
    if wrong:
        yield Insight(
            kind=Kind.AGE_MISMATCH,
            statement=f"The text says {_told(wrong[0].age)}; by the metadata the patient is {_told(known)}.",
            evidence=tuple(mention.span for mention in wrong),
            detail=AgeMismatch(said=wrong[0].age, known=known), rule="age_tolerance.csv")


def _differ(said: Age, known: Age, tables: JudgementTables) -> bool:
    if said.at_least or known.at_least:
        number, other = (known, said) if said.at_least else (said, known)
        return not number.at_least and _days(number) < _days(other) - 366
    if said.unit is AgeUnit.YEARS and known.unit is AgeUnit.YEARS:
        return abs(said.value - known.value) >= tables.age_tolerance[AgeUnit.YEARS]
    coarser = max((said.unit, known.unit), key=lambda unit: _DAYS[unit])
    return abs(_days(said) - _days(known)) >= tables.age_tolerance[coarser] * _DAYS[coarser]


def _days(age: Age) -> float:
    return age.value * _DAYS[age.unit]


def _told(age: Age) -> str:
    return f"{age.value}{'+' if age.at_least else ''} {_WORDS[age.unit]}"
