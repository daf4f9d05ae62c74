"""Tables as Markdown, for a page of documentation or the summary of a CI job."""

import re
from collections.abc import Iterable

from fhir_adapter.evaluation.telling import Cell, Table


def as_markdown(title: str, summary: str, tables: Iterable[Table]) -> str:
    """A heading for each table; words of reports are escaped, so that they stay words."""
    out = [f"# {title}", "", _escaped(summary)]
    for table in tables:
        sides = ["---" if n < table.labels else "--:" for n in range(len(table.columns))]
        out += ["", f"## {_escaped(table.title)}", "", _escaped(table.note), "", _row(table.columns),
                "|" + "|".join(sides) + "|", *(_row(row) for row in table.rows)]
    return "\n".join(out) + "\n"


def _row(cells: Iterable[Cell]) -> str:
    return "| " + " | ".join(_escaped(str(cell)) for cell in cells) + " |"


def _escaped(words: str) -> str:
    return re.sub(r"([\\`*_\[\]|<>#&~])", r"\\\1", " ".join(words.split()))
