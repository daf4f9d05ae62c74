"""Which ultrasound was ordered, complete or limited, and which of its parts the report speaks of."""

import re
from collections.abc import Iterator

from fhir_adapter.model.insight import BodyPart
from fhir_adapter.model.reading import Measurement, Reading, SectionKind
from fhir_adapter.model.span import Span
from fhir_adapter.tables.completeness import ExaminationRow, PartRow

_TOLD = {SectionKind.FINDINGS, SectionKind.IMPRESSION, SectionKind.OTHER, SectionKind.ADDENDUM}
_NOTHING_TO_MEASURE = re.compile(r"\b(?:\w+ectomy|(?:surgically\s+)?absent|removed|obscured|"
                                 r"not\s+(?:well\s+|clearly\s+)?(?:seen|visuali[sz]ed|identified))\b", re.IGNORECASE)
_NEAR = 120  # characters from the name of a part to its size, at most
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
        if row.when and not row.when.search(f"{order.text} {order.reason} {_asked(reading)}"):
            continue
        code = order.code.code if order.code else ""
        if code in (row.complete.code, row.limited.code):
            return row, code == row.complete.code
        if order.modality == "US" and row.words.search(words):
            complete, limited = _COMPLETE.search(words), _LIMITED.search(words)
            if bool(complete) != bool(limited):
                return row, bool(complete)
    return None


def _asked(reading: Reading) -> str:
    """What the examination was made for: the indication, or, in a report without one, all of the text."""
    text = reading.report.text
    return " ".join(s.body.of(text) for s in reading.sections if s.kind is SectionKind.INDICATION) or text


def parts(reading: Reading, rows: tuple[PartRow, ...]) -> Iterator[BodyPart]:
    """Each part with the places of the report's own text that speak of it, also as normal or surgically absent."""
    text = reading.report.text
    for row in rows:
        spans = (Span(*match.span()) for sentence in reading.sentences if sentence.section in _TOLD
                 for match in row.words.finditer(text, sentence.span.start, sentence.span.end))
        yield BodyPart(code=row.code, side=row.side, spans=tuple(spans))


def measured(reading: Reading, part: BodyPart, among: tuple[BodyPart, ...]) -> bool:
    """Whether a size is given for the part, or a sentence that speaks of it says why there is none (removed, not seen).

    A size is that of the part named last before it, if that is near, else of the one behind it in its sentence; the
    size of a lesion is not that of its organ. `among` are the parts that may be measured, this one too.
    """
    text = reading.report.text
    sentences = [s.span for s in reading.sentences if any(s.span.covers(span) for span in part.spans)]
    if any(_NOTHING_TO_MEASURE.search(text, s.start, s.end) for s in sentences):
        return True
    lesions = {m.span for f in reading.findings for m in f.measurements}
    named_here = sorted({span for one in among for span in one.spans})
    return any(_named_for(m, named_here, sentences) in part.spans for m in reading.measurements
               if m.current and (m.span not in lesions or (m.subject_span and any(
                   m.subject_span.overlaps(span) for span in part.spans))))


def _named_for(size: Measurement, named_here: list[Span], sentences: list[Span]) -> Span | None:
    before = [span for span in named_here if span.end <= size.span.start]
    if before and size.span.start - before[-1].end <= _NEAR:
        return before[-1]
    return next((span for span in named_here if span.start >= size.span.end and any(
        s.covers(span) and s.covers(size.span) for s in sentences)), None)


def named(found: tuple[BodyPart, ...]) -> str:
    """The parts as words of a sentence."""
    return ", ".join(part.code.display.lower() for part in found)
