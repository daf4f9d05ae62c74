"""
What Prometheus may know: counts and times of routes, reports and codes; never a value of a message.

Under several processes the client library keeps one file a process in the folder that PROMETHEUS_MULTIPROC_DIR names
and adds them up when asked, so the numbers are those of the service, whichever process answers.
"""

import os

from prometheus_client import CONTENT_TYPE_LATEST, REGISTRY, CollectorRegistry, Counter, Histogram, generate_latest
from prometheus_client.multiprocess import MultiProcessCollector

MEDIA_TYPE = CONTENT_TYPE_LATEST
REQUESTS = Counter("fhir_adapter_requests", "HTTP requests.", ("method", "route", "status"))
REQUEST_SECONDS = Histogram("fhir_adapter_request_seconds", "Time to answer an HTTP request.", ("route",),
                            buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10))
REPORTS = Counter("fhir_adapter_reports", "Reports that became bundles.", ("format",))
INSIGHTS = Counter("fhir_adapter_insights", "Insights.", ("kind",))
ISSUES = Counter("fhir_adapter_issues", "Issues of refused messages and of reports.", ("code",))


def exposition() -> bytes:
    """All numbers in Prometheus' text format."""
    if "PROMETHEUS_MULTIPROC_DIR" not in os.environ:
        return generate_latest(REGISTRY)
    registry = CollectorRegistry()
    MultiProcessCollector(registry)  # type: ignore[no-untyped-call]
    return generate_latest(registry)
