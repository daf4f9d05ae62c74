"""Report to SafeReport: who it is about is hidden, what it says is kept."""

from fhir_adapter.deid.formats import scrub_message
from fhir_adapter.deid.formats.envelope import scrub_envelope
from fhir_adapter.deid.residue import check_bundle
from fhir_adapter.deid.scrub import scrub

__all__ = ["check_bundle", "scrub", "scrub_envelope", "scrub_message"]
