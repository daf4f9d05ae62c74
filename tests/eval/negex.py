"""
Negation, temporality and experiencer in the NegEx/ConText test kit.

    python -m tests.eval.negex [--errors negation|historical|hypothetical|family]

The kit marks the concept of each sentence; its last word is given to the engine as the only target, so that only the
assertion is judged. The kit's sentences are torn from their reports: no headings are known and no section has a say.
"""

import argparse
import csv
import re
from collections.abc import Iterator
from dataclasses import replace

from fhir_adapter import settings, tables
from fhir_adapter.model.reading import Assertion
from fhir_adapter.nlp.engine import load_engine
from fhir_adapter.tables.language import TargetRow
from tests.eval.openi import DATA
from tests.eval.scoring import Count, table
from tests.nlp.reports import safe

GOLD = {"negation": ("negation", "Negated", Assertion.ABSENT),
        "historical": ("temporality", "Historical", Assertion.HISTORICAL),
        "hypothetical": ("temporality", "Not particular", Assertion.HYPOTHETICAL),
        "family": ("experiencer", "Other", Assertion.FAMILY)}


def rows() -> Iterator[tuple[dict[str, str], str]]:
    """Each row of the kit and its sentence, the last word of the concept as one known word."""
    with (DATA / "eval" / "negex-dev.tsv").open(encoding="utf-8") as file:
        for row in csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE):
            *words, last = row["concept"].split()
            before = "".join(re.escape(word) + r"\s+" for word in words)
            sentence, found = re.subn(rf"(?i)(?<!\w)({before}){re.escape(last)}(?!\w)", r"\1qqfinding",
                                      row["sentence"], count=1)
            if found:
                yield row, sentence.strip().strip('"')


def main() -> None:
    """Print the table, and the sentences that one label gets wrong."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--engine", default="compiled")
    parser.add_argument("--errors")
    options = parser.parse_args()
    language = tables.load().language
    row = TargetRow(literal="qqfinding", category="FINDING", code=language.targets[0].code, example="")
    language = replace(language, sections={}, targets=(*(t for t in language.targets if t.category != "FINDING"), row))
    engine = load_engine(settings.load(key="5a" * 32, engine=options.engine), language)
    counts = {label: Count() for label in GOLD}
    skipped = 0
    for gold, sentence in rows():
        found = engine.read(safe(sentence)).findings
        skipped += not found
        for label, (column, value, assertion) in GOLD.items():
            expected, said = gold[column] == value, any(f.assertion is assertion for f in found)
            counts[label].add(gold=expected, said=said)
            if label == options.errors and expected != said:
                print("MISSED" if expected else "WRONG", [str(f.assertion) for f in found], sentence)
    print("\n".join(table(counts)), f"\nsentences without the concept: {skipped}")


if __name__ == "__main__":
    main()
