"""Insights to what the world reads: FHIR R4 resources and HL7 v2 acknowledgements."""

from fhir_adapter.emitters.bundle import bundle
from fhir_adapter.emitters.outcome import operation_outcome

__all__ = ["bundle", "operation_outcome"]
