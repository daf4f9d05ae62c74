"""
Texts rich in people, in the styles of letters, dictations, call notes and messages, and texts that only look like it.

`[[type|words]]` marks what identifies someone, `[[keep|words]]` what must stay; a text begins with `## id`, and a line
of JSON after it is what its message names. A title before a name (`Dr.`) identifies nobody. Types are those of the gold
format. `python -m tests.deid.letters FILE` writes them as JSON lines for `evaluate --deid`.
"""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
_MARK = re.compile(r"\[\[(\w+)\|(.*?)\]\]", re.DOTALL)
_TITLE = re.compile(r"(?:(?:Drs?|Mrs?|Ms|Mme|Sra?|Sister|Nurse|Officer|Prof\. Dame|"
                    r"Physician Assistant)\b\.?(?: med\.)? )",
                    re.IGNORECASE)


def records(*names: str) -> Iterator[dict[str, Any]]:
    """Each text of these files, or of all, in the gold format."""
    for path in sorted(HERE.glob("*.txt")):
        if names and path.stem not in names:
            continue
        for piece in re.split(r"^## ", path.read_text(encoding="utf-8"), flags=re.MULTILINE)[1:]:
            name, _, body = piece.strip().partition("\n")
            first, _, rest = body.partition("\n")
            yield _record(name, rest, json.loads(first)) if first.startswith("{\"") else _record(name, body, {})


def _record(name: str, marked: str, context: dict[str, Any]) -> dict[str, Any]:
    text, phi, keep, position = "", [], [], 0
    for mark in _MARK.finditer(marked):
        text += marked[position : mark.start()]
        kind, words, position = mark[1], mark[2], mark.end()
        title = _TITLE.match(words) if kind.endswith("_name") else None
        start = len(text) + (title.end() if title else 0)
        text += words
        if kind == "keep":
            keep.append(words)
        else:
            phi.append({"start": start, "end": len(text), "text": text[start:], "type": kind})
    return {"id": name, "text": text + marked[position:], "context": context, "phi": phi, "must_keep": keep}
