"""
A dictated score or category of a published system, such as BI-RADS 4A.

**Fires** once for each system, side and value that the report dictates, with the words of all its mentions.

**Stays silent** about values that the system does not have (they are an issue of the reading, not a score), and never
computes a score.
"""

from collections.abc import Iterator

from fhir_adapter.insights.case import Case
from fhir_adapter.model.insight import Insight, Kind, Scoring
from fhir_adapter.model.reading import Score


def detect(case: Case) -> Iterator[Insight]:
    """Each score, in the order of its first mention."""
    groups: dict[tuple[object, ...], list[Score]] = {}
    for score in case.reading.scores:
        if score.legal:
            groups.setdefault((score.system, score.side, score.value, score.high), []).append(score)
    for group in groups.values():
        score = group[0]
        side = f" ({score.side.value})" if score.side else ""
        value = f"{score.value} to {score.high}" if score.high else score.value
        yield Insight(
            kind=Kind.SCORING_AND_ASSESSMENT, statement=f"{score.system}: {value}{side}.",
            evidence=tuple(s.span for s in group), rule=score.rule,
            detail=Scoring(score=score, category=score.system,
                           description=case.tables.score_titles.get(score.system, score.system)))
