"""What was examined and how, by the order, else by what the report says of itself."""

from fhir_adapter.model.reading import Reading, SectionKind
from fhir_adapter.model.report import AgeUnit, Contrast


def modality(reading: Reading) -> str:
    """The DICOM modality by order, study or technique; empty if no one says."""
    report = reading.report
    return report.order.modality or report.study.modality or next((t.modality for t in reading.techniques), "")


def contrast(reading: Reading) -> Contrast | None:
    """With or without contrast medium, as ordered, else as the report tells; None if no one says."""
    return reading.report.order.contrast or next((c.contrast for c in reading.contrasts), None)


def words(reading: Reading) -> str:
    """What the order and the head of the report call the examination."""
    report = reading.report
    heads = (s.span.of(report.text) for s in reading.sections if s.kind is SectionKind.HEADER)
    techniques = (t.sentence.span.of(report.text) for t in reading.techniques[:1])
    code = report.order.code.display if report.order.code else ""
    return " ".join((report.order.text, code, *heads, *techniques))


def asked(reading: Reading) -> tuple[str, ...]:
    """What the order says, of the examination and of its reason."""
    order = reading.report.order
    return tuple(filter(None, (order.text, order.code.display if order.code else "", order.reason)))


def years(reading: Reading) -> int | None:
    """The patient's completed years, 0 under one year; None if unknown."""
    age = reading.report.patient.age
    if age is None:
        return None
    return age.value if age.unit is AgeUnit.YEARS else 0
