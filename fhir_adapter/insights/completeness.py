"""Which ultrasound was ordered, complete or limited, and which of its parts the report speaks of."""

import re
from collections.abc import Iterator

from fhir_adapter.model.insight import BodyPart
from fhir_adapter.model.reading import Reading, SectionKind
from fhir_adapter.model.span import Span
from fhir_adapter.tables.completeness import ExaminationRow, PartRow

_TOLD = {SectionKind.FINDINGS, SectionKind.IMPRESSION, SectionKind.OTHER, SectionKind.ADDENDUM}
_COMPLETE = re.compile(r"\b(?:complete|cmplt?|compl)\b", re.IGNORECASE)
_LIMITED = re.compile(r"\b(?:limited|ltd|lmtd|lim)\b", re.IGNORECASE)


def ordered(reading: Reading, rows: tuple[ExaminationRow, ...]) -> tuple[ExaminationRow, bool] | None:
    """The row of the ordered examination and whether the complete one was ordered; None for any other order.

    By CPT code, in whatever system it was sent, else by the words of an ultrasound order.
    """
    order, patient = reading.report.order, reading.report.patient
    words = f"{order.text} {order.code.display if order.code else ''}"
    for row in rows:
        if row.sex and row.sex is not patient.sex:
            continue
        if row.when and not row.when.search(f"{order.text} {order.reason} {reading.report.text}"):
            continue
        code = order.code.code if order.code else ""
        if code in (row.complete.code, row.limited.code):
            return row, code == row.complete.code
        if order.modality == "US" and row.words.search(words):
            complete, limited = _COMPLETE.search(words), _LIMITED.search(words)
            if bool(complete) != bool(limited):
                return row, bool(complete)
    return None


def parts(reading: Reading, rows: tuple[PartRow, ...]) -> Iterator[BodyPart]:
    """Each part with the places of the report's own text that speak of it, also as normal or surgically absent."""
    text = reading.report.text
    for row in rows:
        spans = (Span(*match.span()) for sentence in reading.sentences if sentence.section in _TOLD
                 for match in row.words.finditer(text, sentence.span.start, sentence.span.end))
        yield BodyPart(code=row.code, side=row.side, spans=tuple(spans))


def measured(reading: Reading, part: BodyPart) -> bool:
    """Whether a sentence that speaks of the part gives a size."""
    return any(s.span.covers(span) and s.span.covers(m.span)
               for span in part.spans for s in reading.sentences for m in reading.measurements)


def named(found: tuple[BodyPart, ...]) -> str:
    """The parts as words of a sentence."""
    return ", ".join(part.code.display.lower() for part in found)
