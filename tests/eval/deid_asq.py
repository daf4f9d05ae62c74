"""PHI of clinical queries (asq-phi-dev.txt), found or left; `--half tune|held` takes one hash half. Prints JSON."""

import hashlib
import json
import re
import sys
from collections import Counter
from datetime import date

from fhir_adapter import tables as tables_module
from fhir_adapter.deid.surrogates import Surrogates
from fhir_adapter.deid.text import scrub_text
from tests.eval.reference import shared_data


def main() -> None:
    """Score every query."""
    tables = tables_module.load().deid
    half = sys.argv[sys.argv.index("--half") + 1] if "--half" in sys.argv else "all"
    counts: Counter[tuple[str, str]] = Counter()
    negatives = touched = 0
    for record in (shared_data() / "deid" / "asq-phi-dev.txt").read_text(encoding="utf-8").split("===QUERY===")[1:]:
        query, tags = (part.strip() for part in record.split("===PHI_TAGS==="))
        side = "tune" if hashlib.sha256(query.encode()).digest()[0] % 2 else "held"
        if half not in ("all", side):
            continue
        done = scrub_text(query, (), days=70, near=date(2024, 1, 1), tables=tables, surrogates=Surrogates())
        hidden = {n for edit in done.offsets.edits for n in range(edit.before.start, edit.before.end)}
        phi = [json.loads(line) for line in tags.splitlines() if line.strip()]
        if not phi:
            negatives += 1
            touched += bool(done.offsets.edits)
            if "--show" in sys.argv and done.offsets.edits:
                print("NEG ", [e.before.of(query) for e in done.offsets.edits], "|", query)
        for item in phi:
            kind, value = item["identifier_type"], item["value"]
            for found in re.finditer(re.escape(value), query):
                title = re.match(r"(?:Drs?|Mrs?|Ms)\.? ", value)  # a title is no identifier and keeps the grammar
                start = found.start() + (title.end() if title and kind == "NAME" else 0)
                place = [n for n in range(start, found.end()) if query[n].isalnum()]
                left = [n for n in place if n not in hidden]
                counts[kind, "all"] += 1
                counts[kind, "whole"] += not left
                counts[kind, "touched"] += len(left) < len(place)
                if "--show" in sys.argv and left:
                    print("MISS" if len(left) == len(place) else "PART", kind, repr(value), "|", done.text)
    kinds = sorted({kind for kind, _ in counts})
    print(json.dumps({"half": half, "classes": {kind: {
        "mentions": counts[kind, "all"], "whole": round(counts[kind, "whole"] / counts[kind, "all"], 4),
        "touched": round(counts[kind, "touched"] / counts[kind, "all"], 4)} for kind in kinds},
        "hard_negatives_touched": f"{touched}/{negatives}"}, indent=1))


if __name__ == "__main__":
    main()
