"""When a finding is a critical result: one row of mappings/insights/critical_results.yaml, held against one mention."""

from collections.abc import Iterator

from fhir_adapter.insights.merging import reported
from fhir_adapter.model.insight import CriticalResult
from fhir_adapter.model.reading import Assertion, Change, Finding, Reading
from fhir_adapter.tables.judgement import CriticalRow, JudgementTables


def results(reading: Reading, tables: JudgementTables) -> Iterator[tuple[CriticalRow, CriticalResult, list[Finding]]]:
    """Each row that the report fulfils, its result, and the findings that fulfil it, the surest first."""
    candidates = [f for f in reported(reading.findings) if may_be(f)]
    for row in tables.critical:
        found = [f for f in candidates if holds(f, row, reading.report.text)]
        if found:
            found.sort(key=lambda f: f.assertion is not Assertion.PRESENT)
            yield row, CriticalResult(name=row.name, finding=found[0], within_minutes=row.within_minutes), found


def may_be(finding: Finding) -> bool:
    """Whether a finding can be critical at all: present or possible, and neither stable, smaller nor chronic."""
    return (finding.assertion in (Assertion.PRESENT, Assertion.POSSIBLE)
            and finding.change not in (Change.STABLE, Change.SMALLER)
            and not (finding.chronicity and finding.chronicity.code.display == "Chronic"))


def holds(finding: Finding, row: CriticalRow, text: str) -> bool:
    """Whether the row's concept and conditions are those of this mention."""
    if finding.concept.code not in row.concepts:
        return False
    sentence = finding.sentence.span.of(text)
    if row.words and not row.words.search(finding.span.of(text)):
        return False
    if row.sentence and not row.sentence.search(sentence):
        return False
    if row.unless and row.unless.search(sentence):
        return False
    return not row.sites or any(site.code.code in row.sites for site in finding.sites)
