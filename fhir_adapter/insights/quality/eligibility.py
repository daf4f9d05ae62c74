"""Whether a quality measure judges a report: examination, patient, findings and words, and which words show it."""

import re
from collections.abc import Iterator
from decimal import Decimal

from fhir_adapter.insights.case import Case
from fhir_adapter.model.reading import Assertion, Finding, Quantity, SectionKind
from fhir_adapter.model.span import Span
from fhir_adapter.tables.quality import Ages, Eligible, Examination, FoundRow

_MILLIMETRES = {"mm": Decimal(1), "cm": Decimal(10)}
_FAMILY = re.compile(r"\b(?:family|mother|father|sister)\b[^.;]{0,40}$", re.IGNORECASE)
_DENIAL = re.compile(r"\b(?:no|not|non|without|never|denies|absent|negative\s+for|free\s+of)\b[^.;:,\n]{0,30}$",
                     re.IGNORECASE)


def eligible(case: Case, row: Eligible) -> tuple[Span, ...] | None:
    """The words that make the report eligible (none where examination and patient alone do), or None if it is not."""
    if not any(_examined(case, examination) for examination in row.examinations) or not _patient(case, row):
        return None
    if (row.contrasts and case.contrast not in row.contrasts) or _excluded(case, row):
        return None
    needed = tuple(_needed(case, row))
    return tuple(dict.fromkeys(span for spans in needed for span in spans)) if all(needed) else None


def said(case: Case, words: re.Pattern[str] | None, *, denied: bool) -> Iterator[Span]:
    """Where the words stand, not about a relative; denied ones only where they are asked for."""
    text = case.text
    for match in case.sight.finditer(words, text):
        line = max(text.rfind(".", 0, match.start()), text.rfind("\n", 0, match.start()), 0)
        if _FAMILY.search(text, line, match.start()):
            continue
        if denied or not _DENIAL.search(text, line, match.start()):
            yield Span(*match.span())


def _needed(case: Case, row: Eligible) -> Iterator[tuple[Span, ...]]:
    """For each condition on the text the words that fulfil it; empty where nothing does."""
    asked = case.reading.report.order
    order, whole = f"{asked.text} {asked.reason}", (Span(0, len(case.text)),)
    if row.indication:
        yield whole if row.indication.search(order) else tuple(_asked(case, row.indication))
    if row.said:
        yield tuple(said(case, row.said, denied=True))[:1] or (whole if row.said.search(order) else ())
    if row.found:
        phrases = (said(case, one.phrase, denied=False) for one in row.found)
        named = [one for one in row.found if not case.concepts.isdisjoint(one.concepts)]
        found = (f for f in case.reported if any(_found(case, f, one) for one in named)) if named else ()
        yield (*(f.span for f in found),
               *(span for spans in phrases for span in spans))


def _excluded(case: Case, row: Eligible) -> bool:
    if row.unless_cancer and case.cancer:
        return True
    if not case.sight.allows(row.excluded):
        return False
    order = case.reading.report.order
    return row.excluded.search(f"{order.text} {order.reason}") is not None or any(
        said(case, row.excluded, denied=False))


def _examined(case: Case, row: Examination) -> bool:
    return case.modality in row.modalities and (row.order is None or bool(
        case.sight.allows(row.order) and row.order.search(case.examined)))


def _patient(case: Case, row: Eligible) -> bool:
    patient = case.reading.report.patient
    if row.sex and patient.sex is not row.sex:
        return False
    if row.age_of and patient.sex not in row.age_of:
        return False
    ages, age = row.age_of.get(patient.sex, row.age), case.years
    if ages is None or age is None:
        return not row.age_of
    return _within(age, ages)


def _within(age: int, ages: Ages) -> bool:
    return (ages.low is None or age >= ages.low) and (ages.high is None or age <= ages.high)


def _asked(case: Case, words: re.Pattern[str]) -> Iterator[Span]:
    """The words in the indication."""
    for section in case.reading.sections:
        if section.kind in (SectionKind.INDICATION, SectionKind.HEADER):
            for match in case.sight.finditer(words, case.text, section.span.start, section.span.end):
                yield Span(*match.span())


def _found(case: Case, finding: Finding, row: FoundRow) -> bool:
    if finding.assertion is not Assertion.PRESENT or finding.concept.code not in row.concepts:
        return False
    sentence = finding.sentence.span.of(case.text)
    if row.sites and not any(site.code.code in row.sites for site in finding.sites):
        return False
    if row.order and not row.order.search(case.examined):
        return False
    if (row.words and not row.words.search(sentence)) or (row.unless and row.unless.search(sentence)):
        return False
    return row.limit is None or _small(finding, row.limit, open_end=row.limit_open)


def _small(finding: Finding, limit: Decimal, *, open_end: bool) -> bool:
    sizes = [max(*m.values, m.high or Decimal(0), Decimal(0)) * _MILLIMETRES.get(m.unit, Decimal(1))
             for m in finding.measurements if m.quantity is Quantity.LENGTH and m.current and m.comparator != ">"]
    below = any(m.comparator == "<" for m in finding.measurements)
    return bool(sizes) and (max(sizes) < limit if open_end and not below else max(sizes) <= limit)
