"""Which quality measures judge a report, and how it does by them."""

from fhir_adapter.insights.quality.eligibility import eligible
from fhir_adapter.insights.quality.judging import judge, judged

__all__ = ["eligible", "judge", "judged"]
