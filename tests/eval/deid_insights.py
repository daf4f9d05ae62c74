"""
Insights before and after de-identification: they must be the same, and every date must move by the patient's days.

    python -m tests.eval.deid_insights [--limit N] [--show]

The reports of openi-dev.csv hold no names, so each gets those of an invented message: an indication with the
patient's name, a comparison with a date, a call to a clinician and a signature. Once read in mode trusted, which hides
nothing, and once in mode limited. An insight is its kind, subject, urgency and its evidence in the sender's own
characters; a due date counts less the shift. Dates are those of openi with their additions and of
oru-radiology-450.jsonl. Prints JSON.
"""

import argparse
import csv
import json
from collections import Counter
from datetime import date, timedelta
from pathlib import Path
from tempfile import mkdtemp

from fhir_adapter import deid, insights, readers
from fhir_adapter import settings as settings_module
from fhir_adapter import tables as tables_module
from fhir_adapter.deid import residue
from fhir_adapter.deid.keys import keys_of
from fhir_adapter.deid.words import folded
from fhir_adapter.errors import MessageError
from fhir_adapter.model.insight import FollowUp, Insight
from fhir_adapter.model.report import Identifier, IdentifierKind, IdentifierRole, Origin, Patient, Report, Sex
from fhir_adapter.model.safe import SafeReport
from fhir_adapter.nlp.engine import load_engine
from tests.eval.reference import shared_data

PEOPLE = (("Quillon", "Zzyzxova", IdentifierRole.PATIENT), ("Blorpton", "Fnord", IdentifierRole.CLINICIAN),
          ("Wugwug", "Snorgle", IdentifierRole.CLINICIAN))
ADDED = ("INDICATION: Zzyzxova, Quillon: {indication}\nCOMPARISON: {comparison} Radiograph of 03/14/2023.\n"
         "FINDINGS: {findings}\nIMPRESSION: {impression}\nDiscussed with Dr. Fnord on 3/16/2024 at 14:30.\n"
         "Electronically signed by: Wugwug Snorgle, MD on March 16, 2024")
Told = tuple[str, str, str, tuple[tuple[int, int], ...], str]


def report_of(row: dict[str, str]) -> Report:
    """A report of the collection in an invented message."""
    named = tuple(Identifier(kind=IdentifierKind.NAME, role=role, value=f"{given} {family}", where="PID-5",
                             parts=(("given", given), ("family", family))) for given, family, role in PEOPLE)
    return Report(text=ADDED.format(**row), origin=Origin(format="hl7v2", identity=row["id"]), identifiers=named,
                  patient=Patient(key=f"ZZ{row['id']}", sex=Sex.UNKNOWN, birth_date=date(1960, 5, 17)),
                  service=date(2024, 3, 16))


def told(insight: Insight, safe: SafeReport, days: int) -> Told:
    """An insight in the sender's own places and dates."""
    due = insight.detail.due if isinstance(insight.detail, FollowUp) else None
    spans = tuple((span.start, span.end) for span in map(safe.offsets.to_original, insight.evidence))
    return (insight.kind.value, insight.subject.code if insight.subject else "", insight.urgency.value, spans,
            str(due - timedelta(days=days)) if due else "")


def dates(text: str) -> Counter[date]:
    """The full dates of a text."""
    return Counter(residue.dates(folded(text)))


def moved_exactly(before: str, after: str, days: int) -> tuple[int, int]:
    """How many dates a text holds, and how many of them stand in the safe text moved by the days."""
    wanted = Counter({day + timedelta(days=days): n for day, n in dates(before).items()})
    return wanted.total(), (wanted & dates(after)).total()


def main() -> None:
    """Compare all reports."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--limit", type=int, default=0)
    parser.add_argument("--show", action="store_true", help="which kinds differ, and the reports' ids")
    wanted = parser.parse_args()
    folder, tables = Path(mkdtemp()), tables_module.load()
    limited, trusted = (settings_module.load(data_dir=folder, key="5a" * 32, mode=m) for m in ("limited", "trusted"))
    engine, keys = load_engine(limited, tables.language), keys_of(limited)
    compared = same = found = found_same = total = exact = 0
    different: Counter[str] = Counter()
    with (shared_data() / "eval" / "openi-dev.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    for row in rows[: wanted.limit or None]:
        report = report_of(row)
        days, sides = keys.shift(report.patient.key), []
        for settings, shift in ((trusted, 0), (limited, days)):
            safe = deid.scrub(report, settings=settings, tables=tables)
            run = insights.run(engine.read(safe), tables=tables, chosen=())
            sides.append(Counter(told(insight, safe, shift) for insight in run))
        n, m = moved_exactly(report.text, safe.text, days)
        total, exact, compared = total + n, exact + m, compared + 1
        found, found_same = found + sides[0].total(), found_same + (sides[0] & sides[1]).total()
        same += sides[0] == sides[1]
        for one in ((sides[0] - sides[1]) + (sides[1] - sides[0])) if wanted.show else ():
            different[f"{row['id']} {one[0]} {one[1]}"] += 1
    for line in (shared_data() / "deid" / "oru-radiology-450.jsonl").read_text(encoding="utf-8").splitlines():
        payload = json.loads(line)["message"].encode()
        try:
            reports = readers.choose(payload).read(payload, settings=limited, tables=tables)
        except MessageError:
            continue
        for report in reports:
            safe = deid.scrub(report, settings=limited, tables=tables)
            n, m = moved_exactly(report.text, safe.text, keys.shift(report.patient.key or report.origin.identity))
            total, exact = total + n, exact + m
    print(json.dumps({
        "reports": compared, "reports_identical": round(same / compared, 5), "insights": found,
        "insights_identical": round(found_same / found, 6), "dates": total, "dates_exact": round(exact / total, 6),
        **({"different": dict(different.most_common(40))} if wanted.show else {})}, indent=1))


if __name__ == "__main__":
    main()
