"""
Write the figures of our own gold anew: python -m tests.eval.accuracy.

All of them in docs/explanation/accuracy-own-gold.md, with how sure the engine may be; those that have a target in the
table of docs/explanation/accuracy.md. No words of any report.
"""

from fhir_adapter import __version__
from fhir_adapter import settings as settings_module
from fhir_adapter.evaluation import files, results, run
from fhir_adapter.evaluation.markdown import as_markdown
from fhir_adapter.evaluation.results import Evaluation
from fhir_adapter.evaluation.telling import Table, interval, share, tables
from tests.conftest import ROOT
from tests.gold.__main__ import HERE

FOLDER = ROOT / "docs" / "explanation"
_TITLES = {"Mentions", "Reports", "Calibration: all", "Calibration: finding", "Calibration: criticalResult"}
_ABOUT = {"frozen": "Nobody who wrote rules read these reports.",
          "rare": "These reports were written later, aimed at kinds that are rare in the others.",
          "fresh": "Judged blind once (precision 0.914, recall 0.882 of critical results), then rules were mended by "
                   "them, so their figures are too good; critical results, mismatches and quality measures only.",
          "styles": "Measured once before their errors were read (see tests/gold/README.md): too good.",
          "dev": "Rules and confidences were made with these reports, so their figures are too good."}
_ROWS = {"critical result": "criticalResult", "finding, any assertion": "finding",
         "finding and assertion": "finding.assertion", "finding and its side": "finding.laterality",
         "finding and all its sizes": "finding.sizes",
         "measurement, value and unit": "measurement", "measurement, prior or current": "measurement.current",
         "recommendation": "followupRecommendation", "recommendation, modality": "followupRecommendation.modality",
         "recommendation, interval": "followupRecommendation.interval", "communication": "followupCommunication",
         "score": "scoringAndAssessment", "quality measure": "qualityMeasure",
         "laterality discrepancy": "lateralityDiscrepancy"}


def evaluated(part: str) -> Evaluation:
    """One part of the gold, read and judged."""
    content = (HERE / part / "reports.jsonl").read_bytes()
    reports = files.reports(files.check([files.File(name=part, content=content)], "gold").records)
    engine, scored = run.run(reports, settings_module.load(key="5a" * 32))
    return results.evaluation(scored, results.Choices(), version=__version__, engine=engine)


def _page(runs: dict[str, Evaluation]) -> str:
    summary = ("Made by python -m tests.eval.accuracy with the version that this page is part of. The gold is "
               "synthetic, see tests/gold/README.md; what is counted stands in docs/reference/gold-format.md.")
    told = []
    for part, found in runs.items():
        kept = [table for table in tables(found) if table.title in _TITLES]
        told += [Table(title=f"{t.title}, {part}, {len(found.scored)} reports", columns=t.columns, rows=t.rows,
                       note=f"{_ABOUT[part]} {t.note}" if t is kept[0] else t.note, labels=t.labels) for t in kept]
    return as_markdown("Accuracy on our own gold", summary, told)


def _cell(found: Evaluation, task: str, target: str) -> str:
    row = found.row(task)
    if row is None:
        return "–"
    if "precision" in target:
        wanted = row.counts.found + row.counts.missed
        return f"precision {share(row.figures['precision'])}, recall {share(row.figures['recall'])} ({wanted} wanted)"
    return f"{share(row.figures['f1'])} ({interval(row.intervals.get('f1'))})"


def _refreshed(line: str, runs: dict[str, Evaluation]) -> str:
    """A row of the table of targets with today's figures; any other line as it is."""
    cells = [cell.strip() for cell in line.strip("|").split("|")]
    if len(cells) != 4 or cells[0] not in _ROWS:
        return line
    figures = (_cell(runs[part], _ROWS[cells[0]], cells[3]) for part in ("frozen", "rare"))
    return f"| {' | '.join((cells[0], *figures, cells[3]))} |"


def main() -> None:
    """Write both pages."""
    runs = {part: evaluated(part) for part in _ABOUT}
    (FOLDER / "accuracy-own-gold.md").write_text(_page(runs), encoding="utf-8")
    page = FOLDER / "accuracy.md"
    lines = page.read_text(encoding="utf-8").split("\n")
    page.write_text("\n".join(_refreshed(line, runs) for line in lines), encoding="utf-8")


if __name__ == "__main__":
    main()
