"""Tables for a terminal, and for a file that is read like one."""

from collections.abc import Iterable

from rich import box
from rich.console import Console
from rich.table import Table as Grid
from rich.text import Text

from fhir_adapter.evaluation.telling import Table

_WIDTH = 130


def show(summary: str, tables: Iterable[Table]) -> None:
    """Print tables on standard output; into a file or pipe without colour, and as wide as they need."""
    console = Console(highlight=False, markup=False, emoji=False)
    if not console.is_terminal or console.width < _WIDTH:
        console.width = _WIDTH  # a number cut off at the edge would be another number
    console.print(Text(summary))
    for table in tables:
        console.print()
        console.print(Text(table.title, style="bold"))
        console.print(Text(table.note, style="dim"))
        grid = Grid(box=box.SIMPLE_HEAD, pad_edge=False, show_edge=False)
        for number, column in enumerate(table.columns):
            is_label = number < table.labels
            grid.add_column(Text(column), justify="left" if is_label else "right", overflow="fold",
                            no_wrap=number == 0 or not is_label)
        for row in table.rows:
            grid.add_row(*(Text(_printable(str(cell))) for cell in row))
        console.print(grid)


def _printable(words: str) -> str:
    """Words of a report could hold escape sequences that a terminal would obey."""
    return "".join(c if c.isprintable() else " " for c in words)
