"""The guideline tables: complete sources, valid codes, and rows that do not contradict each other."""

from decimal import Decimal
from itertools import product

import pytest

from fhir_adapter import tables
from fhir_adapter.insights.guidance.choice import choose
from fhir_adapter.insights.guidance.facts import Facts
from fhir_adapter.model.code import SNOMED_CT
from fhir_adapter.model.insight import GuidanceItem
from fhir_adapter.tables.guidance import GuidelineRow, Range

GUIDELINES = tables.load().judgement.guidelines
SIZES = tuple(Decimal(tenths) / 10 for tenths in (
    30, 49, 50, 59, 60, 80, 81, 99, 100, 149, 150, 199, 200, 249, 250, 299, 300, 301, 349, 350, 399, 400, 401, 450, 499,
    500, 501, 550, 600))
_DIHEDRAL = ((0, 1, 2, 3, 4, 5, 6, 7, 8, 9), (1, 2, 3, 4, 0, 6, 7, 8, 9, 5), (2, 3, 4, 0, 1, 7, 8, 9, 5, 6),
             (3, 4, 0, 1, 2, 8, 9, 5, 6, 7), (4, 0, 1, 2, 3, 9, 5, 6, 7, 8), (5, 9, 8, 7, 6, 0, 4, 3, 2, 1),
             (6, 5, 9, 8, 7, 1, 0, 4, 3, 2), (7, 6, 5, 9, 8, 2, 1, 0, 4, 3), (8, 7, 6, 5, 9, 3, 2, 1, 0, 4),
             (9, 8, 7, 6, 5, 4, 3, 2, 1, 0))
_PERMUTED = ((0, 1, 2, 3, 4, 5, 6, 7, 8, 9), (1, 5, 7, 6, 2, 8, 3, 0, 9, 4), (5, 8, 0, 3, 7, 9, 6, 1, 4, 2),
             (8, 9, 1, 6, 0, 4, 3, 5, 2, 7), (9, 4, 5, 3, 1, 2, 6, 8, 7, 0), (4, 2, 8, 6, 5, 7, 3, 9, 0, 1),
             (2, 7, 9, 3, 8, 0, 6, 4, 1, 5), (7, 0, 4, 6, 9, 1, 3, 2, 5, 8))


def point(value: Decimal) -> Range:
    return Range(low=value, high=value)


def checks(code: str) -> bool:
    """The Verhoeff check of a SNOMED CT id."""
    rest = 0
    for place, digit in enumerate(reversed(code)):
        rest = _DIHEDRAL[rest][_PERMUTED[place % 8][int(digit)]]
    return rest == 0


@pytest.mark.parametrize("row", GUIDELINES, ids=lambda row: row.id)
def test_one_row_where_all_is_said(row: GuidelineRow) -> None:
    """Where every decisive item, the size and the age are known, at most one row of a guideline holds."""
    decisive = sorted({name for choice in row.choices for name in choice.when})
    possible = []
    for name in decisive:
        item = next(item for item in row.items if item.name == name)
        possible.append([value.value for value in item.values] + ([""] if item.optional else []))
    for values in product(*possible):
        items = tuple(GuidanceItem(name=name, values=(value,)) for name, value in zip(decisive, values, strict=True)
                      if value)
        for size in SIZES:
            chosen = choose(row, Facts(items=items, size=point(size), age=point(Decimal(47))))
            assert len(chosen.rows) <= 1, (values, size, chosen.rows)


@pytest.mark.parametrize("row", GUIDELINES, ids=lambda row: row.id)
def test_every_row_can_be_reached(row: GuidelineRow) -> None:
    """Every row is the answer to some facts: the first value of each of its items, a size and an age within it."""
    for choice in row.choices:
        items = tuple(GuidanceItem(name=name, values=(value,)) for name, wanted in choice.when.items()
                      if (value := min(wanted)) != "UNSAID")
        sizes = [point(s) for s in SIZES if choice.size is None or choice.size.overlaps(point(s))]
        ages = [point(Decimal(a)) for a in (20, 47, 90) if choice.age is None or choice.age.overlaps(point(Decimal(a)))]
        chosen = choose(row, Facts(items=items, size=sizes[0], age=ages[0]))
        assert choice.id in chosen.rows
        assert chosen.proposals


@pytest.mark.parametrize("row", GUIDELINES, ids=lambda row: row.id)
def test_codes_and_sources(row: GuidelineRow) -> None:
    """A guideline cites its source with its year, and its SNOMED CT ids have valid check digits."""
    codes = [row.identifier, *(p.procedure for c in row.choices for p in c.proposals if p.procedure)]
    assert str(row.year) in row.source
    assert [c.code for c in codes if c.system == SNOMED_CT and not checks(c.code)] == []
