"""Jobs of the Radiology Insights API: their report, and what their client asks for."""

from fhir_adapter.readers.radiology_insights.options import CURRENT, LOCALES, MEASURES, VERSIONS
from fhir_adapter.readers.radiology_insights.reader import FORMAT, READER, request

__all__ = ["CURRENT", "FORMAT", "LOCALES", "MEASURES", "READER", "VERSIONS", "request"]
