"""
A recommendation that nobody can carry out as it stands.

**Fires** when imaging is recommended without a modality, and when a follow-up names its modality but no time, or only
a vague one ("short-term").

**Stays silent** about recommendations on a condition, of a guideline or of an earlier report, about work-up that is
simply next ("further evaluation with MRI"), and where another sentence of the report says what is missing.
"""

import re
from collections.abc import Iterator

from fhir_adapter.insights.case import Case
from fhir_adapter.model.insight import Insight, Kind, Urgency, VagueRecommendation
from fhir_adapter.model.reading import Recommendation, RecommendationKind

_AGAIN = re.compile(r"\b(?:follow[\s-]*up|surveillance|repeat|re-?image|re-?imaging|interval|serial|short[\s-]*term)",
                    re.IGNORECASE)


def detect(case: Case) -> Iterator[Insight]:
    """Each vague recommendation, in the order of the text."""
    own = [r for r in case.reading.recommendations if not (r.guideline or r.historical)]
    seen: set[tuple[object, ...]] = set()
    for wanted in own:
        if wanted.conditional or wanted.kind is not RecommendationKind.IMAGING:
            continue
        missing = _missing(wanted, case.text)
        if not missing or any(_supplies(other, wanted, missing) for other in own if other is not wanted):
            continue
        key = (wanted.modality, wanted.site.code if wanted.site else None, missing)
        if key in seen:
            continue
        seen.add(key)
        interval = (wanted.interval.span,) if wanted.interval else ()
        yield Insight(
            kind=Kind.VAGUE_RECOMMENDATION, statement=f"The recommendation does not say: {', '.join(missing)}.",
            evidence=(wanted.cue, *interval), detail=VagueRecommendation(recommendation=wanted, missing=missing),
            subject=wanted.procedure, urgency=Urgency.NONCRITICAL, rule=wanted.rule)


def _missing(wanted: Recommendation, text: str) -> tuple[str, ...]:
    no_time = wanted.interval is None or wanted.interval.vague
    again = bool(_AGAIN.search(wanted.span.of(text)))
    return (*(() if wanted.modality else ("modality",)), *(("interval",) if no_time and again else ()))


def _supplies(other: Recommendation, wanted: Recommendation, missing: tuple[str, ...]) -> bool:
    same_site = not (other.site and wanted.site) or other.site.code == wanted.site.code
    same_modality = not wanted.modality or other.modality == wanted.modality
    return (other.kind is RecommendationKind.IMAGING and same_site and same_modality
            and ("modality" not in missing or bool(other.modality))
            and ("interval" not in missing or (other.interval is not None and not other.interval.vague)))
