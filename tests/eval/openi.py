"""
Fourteen findings in the chest X-ray reports of Open-I, with the collection's own gold.

    python -m tests.eval.openi [--part A|B] [--errors LABEL]

A label counts as said when one of its concepts (openi_labels.csv) is present in findings or impression, or possible by
a word that asserts more than it doubts (probable, versus); "may", "could", "question" do not count. The collection's
annotators tagged what is asserted: of part A's reports with a weak doubt one in nine, with a strong one three in four.
The reports are split by a hash of their id: part A was looked at while rules were written, part B was not.
"""

import argparse
import csv
import hashlib
import os
import re
from collections.abc import Iterator
from pathlib import Path

from fhir_adapter import settings, tables
from fhir_adapter.model.reading import Assertion, Finding
from fhir_adapter.nlp.engine import Engine, load_engine
from tests.conftest import ROOT
from tests.eval.scoring import Count, table
from tests.nlp.reports import safe

_STRONG = re.compile(r"(?i)\b(?:probabl|versus|vs)")
LABELS = Path(__file__).with_name("openi_labels.csv")
DATA = Path(os.environ.get("FHIR_ADAPTER_REFERENCE_DATA", ROOT.parent / "shared" / "data"))


def part(identifier: str) -> str:
    """A or B, by a hash of the report's id."""
    return "AB"[hashlib.sha256(identifier.encode()).digest()[0] % 2]


def rows(wanted: str) -> Iterator[dict[str, str]]:
    """The reports of a part, or of both for ""."""
    with (DATA / "eval" / "openi-dev.csv").open(encoding="utf-8") as file:
        yield from (row for row in csv.DictReader(file) if part(row["id"]) in (wanted or "AB"))


def text_of(row: dict[str, str]) -> str:
    """The report as one text."""
    return f"FINDINGS: {row['findings']}\n\nIMPRESSION: {row['impression']}"


def labels() -> dict[str, set[str]]:
    """The concepts of each label."""
    out: dict[str, set[str]] = {}
    with LABELS.open(encoding="utf-8") as file:
        for row in csv.DictReader(file):
            out.setdefault(row["label"], set()).add(row["code"])
    return out


def said(engine: Engine, text: str, concepts: dict[str, set[str]]) -> dict[str, list[Finding]]:
    """The findings that speak for each label."""
    meant = [f for f in engine.read(safe(text)).findings if f.assertion is Assertion.PRESENT
             or (f.assertion is Assertion.POSSIBLE and any(_STRONG.search(cue.of(text)) for cue in f.cues))]
    return {label: [f for f in meant if f.concept.code in codes] for label, codes in concepts.items()}


def main() -> None:
    """Print the table, and the reports that one label gets wrong."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--part", choices=("A", "B", ""), default="")
    parser.add_argument("--engine", default="compiled")
    parser.add_argument("--errors")
    options = parser.parse_args()
    engine = load_engine(settings.load(key="5a" * 32, engine=options.engine), tables.load().language)
    concepts = labels()
    counts = {label: Count() for label in concepts}
    for row in rows(options.part):
        found = said(engine, text_of(row), concepts)
        for label, count in counts.items():
            gold = row[label] == "1"
            count.add(gold=gold, said=bool(found[label]))
            if label == options.errors and gold != bool(found[label]):
                words = [f.span.of(text_of(row)) for f in found[label]]
                print("MISSED" if gold else f"WRONG {words}", row["id"], row["mesh"], "\n", text_of(row), "\n")
    print("\n".join(table(counts)))


if __name__ == "__main__":
    main()
