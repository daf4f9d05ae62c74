"""
How often insights of each class are right: python -m tests.eval.confidence [--write].

Counted on the half of the gold that rules may be written by, and on flipped Open-I reports where the gold has too few
(`tests.eval.metamorphic`, both parts); never on the frozen half, which says whether the figures hold. The confidence is
(right + 1) / (said + 2), the mean of what is likely after so many (Laplace), so that three of three are no certainty.
Critical results and quality measures were tuned by the very reports of dev and fresh, so that what is counted for them
is fresh at first sight, and the counts, without the words, of frozen and rare. `--write` writes
mappings/insights/confidence.csv.
"""

import csv
import json
import sys
from collections import defaultdict
from collections.abc import Iterator
from decimal import ROUND_HALF_EVEN, Decimal
from hashlib import sha256
from pathlib import Path
from tempfile import TemporaryDirectory

from fhir_adapter import pipeline, settings
from fhir_adapter.evaluation.annotated import Annotated, annotated
from fhir_adapter.evaluation.confidence import is_right
from fhir_adapter.insights.confidence import class_of
from fhir_adapter.model.insight import Insight, Kind, Outcome
from fhir_adapter.service.adapter import adapter
from tests.conftest import ROOT
from tests.eval import metamorphic
from tests.eval.gold import GOLD

TABLE = ROOT / "mappings" / "insights" / "confidence.csv"
_BY_GOLD = "python -m tests.eval.confidence, dev half"
_BY_FLIPS = "python -m tests.eval.metamorphic, flipped and as written"
# Judged by hand before anything was mended; the orders are tests now, and all right.
# The dev half has all critical results and quality measures right and the others have not: their counts are taken.
_BY_HAND = {("radiologyProcedure", ""): (36, 39, "tests/insights/order_sentences.yaml at first sight"),
            ("guidance", ""): (16, 18, "tests/gold/dev guide reports at first sight"),
            ("criticalResult", ""): (100, 115, "tests/gold/fresh at first sight, frozen and rare, counts alone"),
            ("qualityMeasure", ""): (44, 53, "tests/gold/fresh at first sight, frozen and rare, counts alone")}
_FLIPS = {"side of the impression": ("lateralityDiscrepancy", "textLateralityContradiction"),
          "side of the order": ("lateralityDiscrepancy", "orderLateralityMismatch"), "sex": ("sexMismatch", ""),
          "age": ("ageMismatch", ""), "unit": ("measurementDiscrepancy", "")}
_TOO_GOOD = {Kind.CRITICAL_RESULT.value}  # by class, too
Key = tuple[str, str]


def by_gold() -> dict[Key, list[int]]:
    """Right and said, by kind and class, and by kind alone."""
    counts: dict[Key, list[int]] = defaultdict(lambda: [0, 0])
    with TemporaryDirectory() as folder:
        loaded = adapter(settings.load(data_dir=Path(folder), key="5a" * 32))
        for line in (GOLD / "dev" / "reports.jsonl").read_text(encoding="utf-8").splitlines():
            report = annotated(json.loads(line), sha256(line.encode()).hexdigest())
            outcome = pipeline.understand(report.report, settings=loaded.settings, tables=loaded.tables,
                                          engine=loaded.engine)
            for insight in outcome.insights:
                right = _right(report, outcome, insight)
                for of in () if right is None else dict.fromkeys((class_of(insight), "")):
                    counts[insight.kind.value, of][0] += bool(right)
                    counts[insight.kind.value, of][1] += 1
    return counts


def _right(report: Annotated, outcome: Outcome, insight: Insight) -> bool | None:
    """As `evaluate` judges it, and two kinds that it does not."""
    if "criticalResults" not in report.gold:
        return is_right(report, outcome, insight)
    if insight.kind is Kind.UNCOMMUNICATED_CRITICAL_RESULT:
        return bool(report.gold["criticalResults"]) and not report.gold["communications"]
    if insight.kind is Kind.VAGUE_RECOMMENDATION:
        back = outcome.reading.report.offsets.to_original
        spans = [back(span) for span in insight.evidence]
        return any(item["modality"] is None or item["interval"] is None for item in report.gold["recommendations"]
                   if any(s.start < item["start"] + len(item["phrase"]) and item["start"] < s.end for s in spans))
    return is_right(report, outcome, insight)


def by_flips() -> dict[Key, list[int]]:
    """Right and said on Open-I; an alarm on a report as it was written is wrong."""
    flips, alarms = metamorphic.measure("AB")
    out = {}
    for name, key in _FLIPS.items():
        right, false = flips[name, True, True], flips[name, False, True]
        out[key] = [right, right + false + alarms[Kind(key[0]), key[1]]]
    return out


def rows() -> Iterator[tuple[str, str, str, str, str, str]]:
    """The rows of the table, flips before gold where both have the class."""
    told = {key: (*numbers, _BY_GOLD) for key, numbers in by_gold().items() if key[0] not in _TOO_GOOD}
    told |= {key: (*numbers, _BY_FLIPS) for key, numbers in by_flips().items()}
    for (kind, of), (right, said, how) in sorted((told | _BY_HAND).items()):
        share = (Decimal(right + 1) / Decimal(said + 2)).quantize(Decimal("0.01"), ROUND_HALF_EVEN)
        yield kind, of, str(min(share, Decimal("0.99"))), str(right), str(said), how


def main() -> None:
    """Print the rows, or write them."""
    made = tuple(rows())
    if "--write" in sys.argv:
        with TABLE.open("w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file, lineterminator="\n")
            writer.writerows((("kind", "of", "confidence", "right", "said", "measured_by"), *made))
    for row in made:
        print(*row, sep=" | ")


if __name__ == "__main__":
    main()
