"""What is proposed while something is not said, and what counts as missing."""

from decimal import Decimal

import pytest

from fhir_adapter import tables
from fhir_adapter.insights.guidance.choice import choose
from fhir_adapter.insights.guidance.facts import Facts
from fhir_adapter.model.insight import GuidanceItem
from fhir_adapter.tables.guidance import Range

BY_ID = {row.id: row for row in tables.load().judgement.guidelines}


def facts(size: str = "", **values: str) -> Facts:
    items = tuple(GuidanceItem(name=name.replace("_", " "), values=(value,)) for name, value in values.items())
    number = Decimal(size) if size else None
    return Facts(items=items, size=Range(low=number, high=number) if number else None, age=None)


def test_common_proposal_of_open_rows() -> None:
    """Solid or not, several nodules of 9 mm are seen again in 3 to 6 months; only that is proposed."""
    chosen = choose(BY_ID["fleischner_2017"], facts("9", SOLITARY_OR_MULTIPLE="MULTIPLE"))
    assert [(p.low, p.high) for p in chosen.proposals] == [(3, 6)]
    assert chosen.missing == ()


def test_missing_where_nothing_is_common() -> None:
    """A single nodule of 7 mm is followed otherwise if it is solid than if it is not: the composition is missing."""
    chosen = choose(BY_ID["fleischner_2017"], facts("7", SOLITARY_OR_MULTIPLE="SOLITARY"))
    assert chosen.proposals == ()
    assert chosen.missing == ("COMPOSITION",)


@pytest.mark.parametrize(("size", "values", "expected"), [
    ("26", {"COMPOSITION": "SOLID OR ALMOST COMPLETELY SOLID", "ECHOGENICITY": "HYPERECHOIC OR ISOECHOIC"}, "biopsy"),
    ("4", {"COMPOSITION": "SOLID OR ALMOST COMPLETELY SOLID", "ECHOGENICITY": "VERY HYPOECHOIC"}, "none"),
    ("12", {"COMPOSITION": "SPONGIFORM", "MARGIN": "LOBULATED OR IRREGULAR"}, "none"),
    ("12", {"TI-RADS LEVEL": "TR5", "COMPOSITION": "SPONGIFORM"}, "biopsy")])
def test_points_that_are_enough(size: str, values: dict[str, str], expected: str) -> None:
    """The level need not be known where all levels that can still be lead to the same, nor where it is dictated."""
    chosen = choose(BY_ID["tirads_2017"], facts(size, **values))
    assert ["none" if p.nothing else "biopsy" for p in chosen.proposals] == [expected]


def test_range_of_size_leaves_rows_open() -> None:
    """A size of less than 10 mm may lie below or above 6 mm, so the size is missing."""
    known = Facts(items=(GuidanceItem(name="COMPOSITION", values=("GROUND GLASS",)),
                         GuidanceItem(name="SOLITARY OR MULTIPLE", values=("SOLITARY",))),
                  size=Range(high=Decimal(10), high_open=True), age=None)
    assert choose(BY_ID["fleischner_2017"], known).missing == ("SIZE",)


def test_no_row_no_answer() -> None:
    """An aneurysm above the table's last diameter gets neither a proposal nor a missing item."""
    chosen = choose(BY_ID["aorta_2013"], facts("61"))
    assert (chosen.rows, chosen.proposals, chosen.missing) == ((), (), ())
