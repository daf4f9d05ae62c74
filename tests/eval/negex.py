"""
Negation, temporality and experiencer in the NegEx/ConText test kit.

    python -m tests.eval.negex [--errors negation|historical|hypothetical|family]

The kit marks the concept of each sentence; it is given to the engine as one unknown word and the only target, so that
only the assertion is judged, and words inside the concept ("without focal deficit" as a whole) are no cues. Left out
are sentences that are nothing but the concept, as nothing could be read from them. We have one assertion where the kit
has two marks, so the temporality of what the kit negates is not judged; and what is only asked for ("evaluate for") is
hypothetical to us and recent to the kit, so it does not count as hypothetical here. The kit's sentences are torn from
their reports: no headings are known and no section has a say.
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


ASKED = re.compile(r"(?i)\b(?:rule\s+out|r/o|evaluat|assess|exclude|for\s+possible|work-?\s?up|restaging)")


def rows() -> Iterator[tuple[dict[str, str], str]]:
    """Each row of the kit and its sentence, the concept as one known word."""
    with (DATA / "eval" / "negex-dev.tsv").open(encoding="utf-8") as file:
        for row in csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE):
            concept = r"\s+".join(map(re.escape, row["concept"].split()))
            sentence, found = re.subn(rf"(?i)(?<!\w){concept}(?!\w)", "qqfinding", row["sentence"], count=1)
            if found and re.search(r"[a-z]", sentence.replace("qqfinding", ""), re.IGNORECASE):
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
            if column == "temporality" and gold["negation"] == "Negated":
                continue
            expected = gold[column] == value
            said = any(f.assertion is assertion for f in found) and not (assertion is Assertion.HYPOTHETICAL and any(
                ASKED.search(cue.of(sentence)) for f in found for cue in f.cues))
            counts[label].add(gold=expected, said=said)
            if label == options.errors and expected != said:
                print("MISSED" if expected else "WRONG", [str(f.assertion) for f in found], sentence)
    print("\n".join(table(counts)), f"\nsentences without the concept: {skipped}")


if __name__ == "__main__":
    main()
