"""For which findings of a report a guideline holds: its modality, patient and words, and none of its exclusions."""

import re
from collections.abc import Iterator
from decimal import Decimal

from fhir_adapter.insights.alike import alike
from fhir_adapter.insights.case import Case
from fhir_adapter.insights.guidance.facts import MILLIMETRES
from fhir_adapter.insights.guidance.told import denied
from fhir_adapter.model.reading import Assertion, Change, Finding, Quantity
from fhir_adapter.model.report import Sex
from fhir_adapter.model.span import Span
from fhir_adapter.tables.guidance import GuidelineRow

_PLURAL = re.compile(r"(?:nodules|lesions|masses|cysts|opacities)$", re.IGNORECASE)
_SEVERAL = re.compile(r"\b(?:multiple|several|numerous|scattered|innumerable|few|two|three|four|five|other|additional)"
                      r"\b", re.IGNORECASE)
_FAMILY = re.compile(r"\b(?:family|mother|father|sister|brother)\b[^.;]{0,40}$", re.IGNORECASE)
_THING = re.compile(r"nodul|lesion|mass|cyst|densit|aneurysm|ectasia|ectatic|dilat", re.IGNORECASE)
_KNOWN = re.compile(r"\b(?:unchanged|stable|stability|(?:no|without)\s+(?:significant\s+)?(?:interval\s+)?change"
                    r"|(?:not|has\s+not)\s+(?:significantly\s+)?changed|previously|formerly|as\s+before|known)\b",
                    re.IGNORECASE)
_CHANGED = re.compile(r"\b(?:(?:is|are|now|slightly|mildly|become)\s+(?:larger|smaller)"
                      r"|(?:larger|smaller)\s+(?:than|since|compared)|enlarg(?:ed|ing)"
                      r"|(?:increas|decreas)\w+\s+in\s+size|grown|growth|growing)\b", re.IGNORECASE)
_LESS = ("<", "<=")


def candidates(case: Case, row: GuidelineRow) -> tuple[Finding, ...]:
    """The mentions that the guideline may be about, if it holds for the examination and the patient at all."""
    if case.concepts.isdisjoint(row.concepts | row.general) or not _for_examination(case, row):
        return ()
    ordered = case.sight.allows(row.ordered) and row.ordered.search(case.examined) is not None
    found = tuple(f for f in case.reported if _is_about(f, row, case.text, ordered=ordered) and _counts(f))
    return found if found and _for_patient(case, row) else ()


def findings(row: GuidelineRow, found: tuple[Finding, ...], text: str, *, sized: bool = False) -> (
        tuple[tuple[Finding, ...], ...]):
    """The mentions of each finding. A mention that names only the organ may be any of its findings.

    Where some have a size, or others are `sized`, one without that is a plural or names no place in the organ only sums
    up the others.
    """
    groups = alike(found, lambda f: f.assertion, lambda f: (_size(f), None if _organ(f, row) else f.sites[0].code,
                                                            f.side))
    if not sized and not any(f.measurements for f in found):
        return groups
    return tuple(group for group in groups if any(f.measurements for f in group) or not any(
        _PLURAL.search(f.span.of(text)) or _organ(f, row) for f in group))


def _size(finding: Finding) -> Decimal | None:
    """In millimetres, to be compared with others: 8 x 7 mm is 8, 1.8 cm is 18, subcentimeter may be any of them."""
    return next((max(m.values) * MILLIMETRES[m.unit] for m in finding.measurements
                 if m.quantity is Quantity.LENGTH and m.current and m.unit in MILLIMETRES
                 and m.comparator not in _LESS), None)


def excepted(case: Case, row: GuidelineRow, group: tuple[Finding, ...], told: tuple[Span, ...]) -> bool:
    """Whether the guideline is not about this one: its `unless` words, a change that it does not judge, a prior."""
    text = case.text
    if any(not denied(text, match.start(), span) for span in told
           for match in case.sight.finditer(row.unless, text, span.start, span.end)):
        return True
    if any(f.change and f.change not in row.changes for f in group):
        return True
    if Change.LARGER not in row.changes and _any(_CHANGED, text, told):
        return True
    return Change.STABLE not in row.changes and (
        any(not m.current for f in group for m in f.measurements) or _any(_KNOWN, text, told))


def _any(pattern: re.Pattern[str], text: str, told: tuple[Span, ...]) -> bool:
    return any(pattern.search(text, span.start, span.end) for span in told)


def multiple(text: str, found: tuple[Finding, ...], groups: int) -> bool:
    """Whether there are several: more than one group, a plural, or a word such as "scattered" before the noun."""
    return groups > 1 or any(_PLURAL.search(f.span.of(text)) or _SEVERAL.search(
        text, max(f.sentence.span.start, f.span.start - 40), f.span.end) for f in found)


def _for_examination(case: Case, row: GuidelineRow) -> bool:
    return case.modality in row.modalities if case.modality else row.assumed


def _for_patient(case: Case, row: GuidelineRow) -> bool:
    patient = case.reading.report.patient
    if row.sex and patient.sex in (Sex.FEMALE, Sex.MALE) and patient.sex is not row.sex:
        return False
    if row.minimum_age and case.years is not None and case.years < row.minimum_age:
        return False
    return not (case.sight.allows(row.excluded) and any(_excluding(case, row.excluded)))


def _excluding(case: Case, pattern: re.Pattern[str]) -> Iterator[bool]:
    """True for each place that says so of the patient: in order, reason or text, neither denied nor of a relative."""
    order, text = case.reading.report.order, case.text
    for outside in (order.text, order.reason, order.code.display if order.code else ""):
        yield bool(pattern.search(outside))
    for sentence, match in case.sight.find_in(pattern, text, case.body):
        if not denied(text, match.start(), sentence) and not _FAMILY.search(text, sentence.start, match.start()):
            yield True


def _organ(finding: Finding, row: GuidelineRow) -> bool:
    """Whether the mention names no place within the organ, or none at all."""
    return not finding.sites or finding.sites[0].code.code in row.recommended_sites


def _is_about(finding: Finding, row: GuidelineRow, text: str, *, ordered: bool) -> bool:
    if finding.concept.code in row.concepts:
        return True
    if finding.concept.code not in row.general or not _THING.search(finding.span.of(text)):
        return False
    sites = {site.code.code for site in finding.sites}
    return bool(sites & row.organ) or (ordered and sites <= row.doubtful)


def _counts(finding: Finding) -> bool:
    """A present finding, or a possible one that has a size."""
    return finding.assertion is Assertion.PRESENT or (
        finding.assertion is Assertion.POSSIBLE and bool(finding.measurements))
