"""Which quality measures judge a report, and how it does by them."""

from fhir_adapter.insights.quality.judging import judge

__all__ = ["judge"]
