"""A page's numbers as CSV (RFC 4180)."""

import csv
import io
from collections.abc import Iterable, Sequence

from flask import Response


def comma_separated(name: str, head: Sequence[str], rows: Iterable[Sequence[object]]) -> Response:
    """A file to download; a cell that a spreadsheet would take for a formula begins with an apostrophe."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(head)
    writer.writerows([_inert(cell) for cell in row] for row in rows)
    answer = Response(out.getvalue(), mimetype="text/csv")
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}.csv"'
    return answer


def _inert(cell: object) -> object:
    return f"'{cell}" if isinstance(cell, str) and cell[:1] in ("=", "+", "-", "@", "\t", "\r") else cell
