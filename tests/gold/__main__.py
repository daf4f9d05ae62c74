"""Compile the gold reports from their written form: python -m tests.gold."""

import json
import sys
from pathlib import Path

from tests.gold.markup import reports

HERE = Path(__file__).parent
PARTS = ("dev", "fresh", "frozen", "rare", "styles")


def compiled(part: str) -> str:
    """One part of the gold set as JSON lines."""
    source = (HERE / part / "reports.txt").read_text(encoding="utf-8")
    return "".join(json.dumps(record, ensure_ascii=False) + "\n" for record in reports(source))


if __name__ == "__main__":
    for part in PARTS:
        text = compiled(part)
        (HERE / part / "reports.jsonl").write_text(text, encoding="utf-8")
        print(f"{part}: {text.count(chr(10))} reports", file=sys.stderr)
