"""
What a guideline proposes, given what is known: the rows that may hold, and what they have in common.

What is not said may be anything, so several rows may hold. If they propose something in common, that is the proposal;
if they do not, what tells them apart is missing.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

from fhir_adapter.insights.guidance.facts import UNSAID, Facts
from fhir_adapter.model.insight import Proposal
from fhir_adapter.tables.guidance import ChoiceRow, GuidelineRow, ItemRow, Range


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """The rows that may hold, what all of them propose, and the names of the missing items; one of the two is empty."""

    rows: tuple[str, ...]
    proposals: tuple[Proposal, ...] = ()
    missing: tuple[str, ...] = ()


def choose(row: GuidelineRow, facts: Facts) -> Choice:
    """The guideline's answer; without any row that may hold it has none, and all is empty."""
    levels = tuple(_levels(row, facts))
    rows = tuple(choice for choice in row.choices if _may_hold(row, choice, facts, levels))
    if not rows:
        return Choice(rows=())
    names = tuple(choice.id for choice in rows)
    common = tuple(p for p in rows[0].proposals if all(p in choice.proposals for choice in rows))
    if common:
        return Choice(rows=names, proposals=common)
    return Choice(rows=names, missing=tuple(dict.fromkeys(_missing(row, rows, facts))))


def _may_hold(row: GuidelineRow, choice: ChoiceRow, facts: Facts, levels: tuple[str, ...]) -> bool:
    optional = {item.name for item in row.items if item.optional}
    for name, wanted in choice.when.items():
        known = levels if name == row.level else facts.values(name)
        if not known and name in optional:
            known = (UNSAID,)
        if known and not wanted & set(known):
            return False
    return _reaches(choice.size, facts.size) and _reaches(choice.age, facts.age)


def _reaches(wanted: Range | None, known: Range | None) -> bool:
    return wanted is None or known is None or wanted.overlaps(known)


def _levels(row: GuidelineRow, facts: Facts) -> Iterator[str]:
    """The levels that can still be: the dictated one, else those that the points of what is not said leave open."""
    if not row.level:
        return
    if dictated := facts.values(row.level):
        yield from dictated
        return
    least = most = Decimal(0)
    for item in (item for item in row.items if item.scored):
        points = _points(item, facts.values(item.name))
        if points is None:
            most += max(value.points for value in item.values) * (2 if item.several else 1)
            continue
        if any(value.final for value in item.values if value.value in facts.values(item.name)):
            least = most = points
            break
        least, most = least + points, most + points
    yield from (level.value for level in row.levels if level.points.overlaps(Range(low=least, high=most)))


def _points(item: ItemRow, said: tuple[str, ...]) -> Decimal | None:
    return Decimal(sum(value.points for value in item.values if value.value in said)) if said else None


def _missing(row: GuidelineRow, rows: tuple[ChoiceRow, ...], facts: Facts) -> Iterator[str]:
    """The items that tell the rows apart and are not said, in the order of the guideline."""
    if (facts.size is None or facts.size.low != facts.size.high) and len({choice.size for choice in rows}) > 1:
        yield "SIZE"
    if facts.age is None and len({choice.age for choice in rows}) > 1:
        yield "AGE"
    for item in row.items:
        asked = any(item.name in choice.when for choice in rows) or (item.scored and not facts.values(row.level))
        if asked and item.name != row.level and not item.optional and not facts.values(item.name):
            yield item.name
