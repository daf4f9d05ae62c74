"""
The examination was not done as ordered, or the text contradicts itself about how it was done.

**Fires** in three ways. `orderModalityMismatch`: the text names its modality and it is not the ordered one.
`orderContrastMismatch`: contrast was ordered and none was given, or the other way round. `textContrastContradiction`:
the text says both that contrast was given and that it was not.

**Stays silent** when either side is unknown, about modalities that go together (PET with CT, fluoroscopy with
radiographs, angiography with the modality it is done by), and when the text says "with and without".
"""

from collections.abc import Iterator

from fhir_adapter.insights.case import Case
from fhir_adapter.insights.ordered import contrast, words
from fhir_adapter.model.insight import Insight, Kind, ProcedureDiscrepancy, ProcedureDiscrepancyType
from fhir_adapter.model.reading import ContrastMention, Reading
from fhir_adapter.model.report import Contrast
from fhir_adapter.model.span import Span
from fhir_adapter.tables.judgement import JudgementTables

# What goes together, and the modality that one of the two must be.
_TOGETHER = (({"PT", "NM", "CT", "MR"}, {"PT", "NM"}), ({"DX", "RF", "BMD", "MG"}, {"DX", "RF"}),
             ({"XA", "CT", "MR", "RF", "US", "DX"}, {"XA"}))
_UNKNOWN = ("", "OT")
_WORDS = {Contrast.WITH: "with contrast", Contrast.WITHOUT: "without contrast",
          Contrast.BOTH: "with and without contrast"}


def detect(case: Case) -> Iterator[Insight]:
    """At most one insight of the modality and one of contrast."""
    yield from _modality(case.reading)
    yield from _contrast(case.reading, case.tables)


def _modality(reading: Reading) -> Iterator[Insight]:
    ordered = reading.report.order.modality
    told = {m.modality for m in reading.techniques}
    if ordered in _UNKNOWN or not told or any(_go_together(ordered, modality) for modality in told):
        return
    yield _insight(ProcedureDiscrepancyType.ORDER_MODALITY_MISMATCH, ordered, ", ".join(sorted(told)),
                   tuple(m.span for m in reading.techniques), "The order says {0}; the text says {1}.")


def _go_together(one: str, other: str) -> bool:
    pair = {one, other}
    return one == other or any(pair <= group and pair & key for group, key in _TOGETHER)


def _contrast(reading: Reading, tables: JudgementTables) -> Iterator[Insight]:
    mentions = reading.contrasts
    said = {m.contrast for m in mentions}
    if said == {Contrast.WITH, Contrast.WITHOUT}:
        first, second = mentions[0], next(m for m in mentions if m.contrast is not mentions[0].contrast)
        if first.sentence != second.sentence:
            yield _insight(ProcedureDiscrepancyType.TEXT_CONTRAST_CONTRADICTION, _WORDS[first.contrast],
                           _WORDS[second.contrast], (second.span, *_others(mentions, second)),
                           "The text says {0}, and it says {1}.")
        return
    order = reading.report.order
    ordered = contrast(order, words(order, tables))
    if ordered is None or len(said) != 1:
        return
    (told,) = said
    given, wanted = told is not Contrast.WITHOUT, ordered is not Contrast.WITHOUT
    if given != wanted:
        yield _insight(ProcedureDiscrepancyType.ORDER_CONTRAST_MISMATCH, _WORDS[ordered], _WORDS[told],
                       tuple(m.span for m in mentions), "The order says {0}; the text says {1}.")


def _others(mentions: tuple[ContrastMention, ...], but: ContrastMention) -> tuple[Span, ...]:
    return tuple(m.span for m in mentions if m is not but)


def _insight(kind: ProcedureDiscrepancyType, expected: str, told: str, evidence: tuple[Span, ...],
             statement: str) -> Insight:
    return Insight(kind=Kind.PROCEDURE_DISCREPANCY, statement=statement.format(expected, told), evidence=evidence,
                   detail=ProcedureDiscrepancy(type=kind, expected=expected, told=told), rule=kind.value)
