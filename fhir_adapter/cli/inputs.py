"""What a command is given: files, folders, globs, standard input, shipped samples; and its progress bar."""

import glob
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import click

from fhir_adapter.errors import UnreadableMessage
from fhir_adapter.issues import Issue
from fhir_adapter.tables.locate import locate

Input = tuple[str, Path | None]
"""A name to speak of it by, and where it is; None is standard input."""


def inputs(names: Sequence[str], sample: str | None) -> list[Input]:
    """The inputs that a command line names; folders give their files, in order."""
    if sample is not None:
        found = [p for kind in ("hl7v2", "fhir") for p in sorted((locate("samples") / kind).glob(f"{sample}.*"))]
        if not found:
            known = sorted({p.stem for kind in ("hl7v2", "fhir") for p in (locate("samples") / kind).iterdir()})
            raise click.UsageError("There is no such sample. There are: " + ", ".join(known))
        return [(found[0].name, found[0])]
    out: list[Input] = []
    for name in names:
        if name == "-":
            out.append(("-", None))
            continue
        path = Path(name)
        if path.is_dir():
            out += [(str(p), p) for p in sorted(path.rglob("*")) if p.is_file()]
        elif path.exists() or not glob.has_magic(name):
            out.append((name, path))
        else:
            out += [(found, Path(found)) for found in sorted(glob.glob(name, recursive=True))]
    if not out:
        raise click.UsageError("Name at least one file, or - for standard input.")
    return out


def content(path: Path | None) -> bytes:
    """The bytes of an input; an UnreadableMessage (NET-605) where there are none to be had."""
    if path is None:
        return sys.stdin.buffer.read()
    try:
        return path.read_bytes()
    except OSError:
        raise UnreadableMessage(Issue.at("NET-605")) from None


@contextmanager
def progress(items: list[Input]) -> Iterator[Iterator[Input]]:
    """The items, behind a progress bar where someone looks and there are many."""
    if len(items) < 20 or not sys.stderr.isatty():
        yield iter(items)
        return
    from rich.console import Console
    from rich.progress import track

    yield iter(track(items, description="reading", console=Console(stderr=True)))


def tell(name: str, issues: Sequence[Issue]) -> None:
    """Issues on standard error, a line each."""
    for issue in issues:
        click.echo(f"{name}: {issue}", err=True)


def options(command: Any) -> Any:
    """The arguments that reading commands share."""
    command = click.argument("files", nargs=-1)(command)
    return click.option("--sample", metavar="NAME", help="Use a shipped sample instead of files.")(command)
