"""What of a judgement must agree beside its being made: the name of a critical result, the type of a side trouble,
and the organs of an incomplete examination."""

import re
from collections.abc import Callable, Iterator

from fhir_adapter.evaluation.annotated import Annotated, marked
from fhir_adapter.evaluation.matching import Mark
from fhir_adapter.model.insight import CriticalResult, Kind, LateralityDiscrepancy, OrderCompleteness, Outcome

Wanted = Callable[[Annotated], Iterator[Mark]]
Said = Callable[[Annotated, Outcome], Iterator[Mark]]


def names_wanted(report: Annotated) -> Iterator[Mark]:
    """The critical results by their published names, at their words."""
    return (Mark(spans=marked(item), key=item["name"].upper()) for item in report.gold["criticalResults"])


def names_said(_: Annotated, outcome: Outcome) -> Iterator[Mark]:
    """The same of the insights."""
    back = outcome.reading.report.offsets.to_original
    for insight in outcome.insights:
        if isinstance(insight.detail, CriticalResult):
            yield Mark(spans=tuple(map(back, insight.evidence)), key=insight.detail.name)


def sides_wanted(report: Annotated) -> Iterator[Mark]:
    """Which side troubles a report has, each type once."""
    return (Mark(key=kind) for kind in sorted({item["type"] for item in report.gold["lateralityDiscrepancy"]}))


def sides_said(_: Annotated, outcome: Outcome) -> Iterator[Mark]:
    """The same of the insights."""
    return (Mark(key=kind) for kind in sorted({i.detail.type.value for i in outcome.insights
                                               if isinstance(i.detail, LateralityDiscrepancy)}))


def organs_wanted(gold: str, *lists: str) -> Wanted:
    """The organs that an annotation lists, with the list they stand in."""
    def wanted(report: Annotated) -> Iterator[Mark]:
        found = {(place, _organ(organ)) for item in report.gold[gold] for place, name in enumerate(lists)
                 for organ in item.get(name) or ()}
        return (Mark(key=one) for one in sorted(found))

    return wanted


def organs_said(kind: Kind) -> Said:
    """The same of the insights."""
    def said(_: Annotated, outcome: Outcome) -> Iterator[Mark]:
        told = [i.detail for i in outcome.insights if i.kind is kind and isinstance(i.detail, OrderCompleteness)]
        found = {(place, _organ(part.code.display)) for detail in told
                 for place, parts in enumerate((detail.parts, detail.measured)) for part in parts}
        return (Mark(key=one) for one in sorted(found))

    return said


def _organ(words: str) -> str:
    """An organ without what people and codes say differently of the same one."""
    words = re.sub(r"\b(?:the|of breast|abdominal|urinary|common|inferior|region|structure)\b", " ", words.lower())
    return " ".join(words.split()).removesuffix("s")
