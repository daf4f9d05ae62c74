"""Reports for tests of the language layer, made straight from a text."""

from fhir_adapter.model.offsets import OffsetMap
from fhir_adapter.model.report import Order, ReportStatus, Sex
from fhir_adapter.model.safe import SafePatient, SafeReport, SafeStudy, SafeText


def safe(text: str, *, sex: Sex = Sex.UNKNOWN, order: Order | None = None) -> SafeReport:
    """A report with this text and nothing else."""
    return SafeReport(text=SafeText(text), offsets=OffsetMap(), pseudonym="p",
                      patient=SafePatient(pseudonym="p", sex=sex), order=order or Order(), study=SafeStudy(),
                      status=ReportStatus.FINAL, service=None, issued=None,
                      paragraphs=(), replacements=(), format="text", version="")
