"""What a DiagnosticReport refers to at its own server, so far as it helps to understand it (FHIR R4, 10.3)."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

_ELEMENTS = ("subject", "basedOn", "encounter", "imagingStudy", "result", "performer", "resultsInterpreter")
_MOST = 100
_PATH = re.compile(r"[A-Z][A-Za-z]+/[A-Za-z0-9.-]{1,64}")


def referred(report: Mapping[str, Any], base: str) -> tuple[str, ...]:
    """Paths below the base address, each once; references to elsewhere and into the report itself are left out."""
    paths = (_below(reference, base) for reference in _references(report))
    return tuple(dict.fromkeys(path for path in paths if path))[:_MOST]


def _references(report: Mapping[str, Any]) -> Iterator[str]:
    for name in _ELEMENTS:
        value = report.get(name, [])
        for one in value if isinstance(value, list) else [value]:
            if isinstance(one, dict) and isinstance(one.get("reference"), str):
                yield one["reference"]
    forms = report.get("presentedForm", [])
    for form in forms if isinstance(forms, list) else []:
        if isinstance(form, dict) and isinstance(form.get("url"), str) and "data" not in form:
            yield form["url"]


def _below(reference: str, base: str) -> str | None:
    path = reference.removeprefix(f"{base}/").partition("/_history/")[0]
    return path if _PATH.fullmatch(path) else None
