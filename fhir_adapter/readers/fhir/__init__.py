"""FHIR R4: Bundles of any type and single DiagnosticReports, JSON."""

from fhir_adapter.readers.fhir.reader import READER

__all__ = ["READER"]
