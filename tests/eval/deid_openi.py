"""What is replaced in chest reports that hold no PHI (openi-dev.csv): every touched token is a false positive."""

import csv
import json
import re
import sys
import time
from collections import Counter
from datetime import date

from fhir_adapter import tables as tables_module
from fhir_adapter.deid.surrogates import Surrogates
from fhir_adapter.deid.text import scrub_text
from tests.eval.reference import shared_data


def main() -> None:
    """Count touched tokens by rule, and the speed."""
    tables = tables_module.load().deid
    tokens = touched = characters = 0
    rules: Counter[str] = Counter()
    words: Counter[str] = Counter()
    start = time.perf_counter()
    with (shared_data() / "eval" / "openi-dev.csv").open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            text = "\n".join(f"{part.upper()}: {row[part]}" for part in
                             ("indication", "comparison", "findings", "impression"))
            done = scrub_text(text, (), days=70, near=date(2012, 1, 1), tables=tables, surrogates=Surrogates())
            characters += len(text)
            hidden = {n for edit in done.offsets.edits for n in range(edit.before.start, edit.before.end)}
            for match in re.finditer(r"\w+", text):
                if match.group() != "XXXX":
                    tokens += 1
                    touched += any(n in hidden for n in range(*match.span())) if hidden else 0
            rules.update(r.rule for r in done.replacements)
            words.update(e.before.of(text) for e in done.offsets.edits)
    seconds = time.perf_counter() - start
    print(json.dumps({"tokens": tokens, "touched": touched, "share": round(touched / tokens, 6), "rules": rules,
                      "2kB_reports_a_second": round(characters / 2000 / seconds)}, indent=1))
    if "--show" in sys.argv:
        print(words.most_common(80))


if __name__ == "__main__":
    main()
