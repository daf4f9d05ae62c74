"""Compile the gold reports from their written form: python -m tests.gold."""

import json
import sys
from pathlib import Path

from tests.gold.markup import reports

HERE = Path(__file__).parent
HALVES = ("dev", "frozen")


def compiled(half: str) -> str:
    """One half of the gold set as JSON lines."""
    source = (HERE / half / "reports.txt").read_text(encoding="utf-8")
    return "".join(json.dumps(record, ensure_ascii=False) + "\n" for record in reports(source))


if __name__ == "__main__":
    for half in HALVES:
        text = compiled(half)
        (HERE / half / "reports.jsonl").write_text(text, encoding="utf-8")
        print(f"{half}: {text.count(chr(10))} reports", file=sys.stderr)
