"""A reading to be judged, with what more than one detector asks of it looked up once."""

from dataclasses import dataclass

from fhir_adapter.insights import critical, examination, ordered
from fhir_adapter.insights.critical import Judged
from fhir_adapter.insights.hints import Sight, hints
from fhir_adapter.insights.history import cancer_known
from fhir_adapter.insights.merging import reported
from fhir_adapter.model.reading import Finding, Reading, SectionKind
from fhir_adapter.model.report import Contrast
from fhir_adapter.model.span import Span
from fhir_adapter.tables.judgement import JudgementTables

_NO_BODY = {SectionKind.HEADER, SectionKind.SIGNATURE}


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """What a detector is given: the reading, the tables to judge it by, and what is known of the whole report.

    `sight` says which patterns of the tables may match in order or text, and from where. `reported` are the findings
    that the report itself makes, `concepts` their codes, `body` its sentences outside of header and signature.
    `critical` are its critical results in the order of their table; `cancer` says that the patient has a known one.
    `modality`, `contrast`, `examined` (the words for it) and `years` are those of `examination`.
    """

    reading: Reading
    tables: JudgementTables
    sight: Sight
    reported: tuple[Finding, ...]
    concepts: frozenset[str]
    body: tuple[Span, ...]
    critical: tuple[Judged, ...]
    cancer: bool
    modality: str
    contrast: Contrast | None
    examined: str
    years: int | None

    @property
    def text(self) -> str:
        """The text that all spans are places of."""
        return self.reading.report.text


def look(reading: Reading, tables: JudgementTables) -> Case:
    """Look at a reading before it is judged."""
    order = reading.report.order
    sight = hints(tables).look(reading.report.text, order.reason, ordered.words(order, tables))
    found = reported(reading.findings)
    cancer = cancer_known(reading, tables.critical.cancer, sight)
    return Case(reading=reading, tables=tables, sight=sight, reported=found, cancer=cancer,
                concepts=frozenset(f.concept.code for f in found),
                body=tuple(s.span for s in reading.sentences if s.section not in _NO_BODY),
                critical=critical.results(reading, found, tables.critical, sight, cancer=cancer),
                modality=examination.modality(reading), contrast=examination.contrast(reading),
                examined=examination.words(reading), years=examination.years(reading))
