"""
Write docs/explanation/accuracy-own-gold.md anew: python -m tests.eval.accuracy.

Figures of every part of our own gold, and how sure the engine may be. No words of any report.
"""

import sys

from fhir_adapter import __version__
from fhir_adapter import settings as settings_module
from fhir_adapter.evaluation import files, results, run, telling
from fhir_adapter.evaluation.markdown import as_markdown
from tests.conftest import ROOT
from tests.gold.__main__ import HERE, PARTS

PAGE = ROOT / "docs" / "explanation" / "accuracy-own-gold.md"
_TITLES = {"Mentions", "Reports", "Calibration: all", "Calibration: finding", "Calibration: criticalResult"}
_ABOUT = {"frozen": "Nobody who wrote rules read these reports.",
          "rare": "These reports were written later, aimed at kinds that are rare in the others.",
          "dev": "Rules and confidences were made with these reports, so their figures are too good."}


def _tables(part: str) -> list[telling.Table]:
    content = (HERE / part / "reports.jsonl").read_bytes()
    reports = files.reports(files.check([files.File(name=part, content=content)], "gold").records)
    engine, scored = run.run(reports, settings_module.load(key="5a" * 32, data_dir=HERE))
    found = results.evaluation(scored, results.Choices(), version=__version__, engine=engine)
    kept = [table for table in telling.tables(found) if table.title in _TITLES]
    return [telling.Table(title=f"{t.title}, {part}, {len(reports)} reports", columns=t.columns, rows=t.rows,
                          note=f"{_ABOUT[part]} {t.note}" if t is kept[0] else t.note, labels=t.labels) for t in kept]


def main() -> int:
    """Write the page."""
    summary = ("Made by python -m tests.eval.accuracy with the version that this page is part of. The gold is "
               "synthetic, see tests/gold/README.md; what is counted stands in docs/reference/gold-format.md.")
    tables = [table for part in _ABOUT for table in _tables(part)]
    PAGE.write_text(as_markdown("Accuracy on our own gold", summary, tables), encoding="utf-8")
    return 0 if set(_ABOUT) == set(PARTS) else 1


if __name__ == "__main__":
    sys.exit(main())
