"""Insights as answers of the Radiology Insights API, in the terms of who sent the report."""

from fhir_adapter.emitters.radiology_insights.answer import result
from fhir_adapter.emitters.radiology_insights.errors import error
from fhir_adapter.emitters.radiology_insights.terms import Terms

__all__ = ["Terms", "error", "result"]
