"""`backfill`: archives into the store, from where the last run came to."""

import csv
import os
import signal
import sys
import threading
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import click

from fhir_adapter.cli.exits import Exit


@click.command()
@click.argument("path", type=click.Path(exists=True, path_type=Path))
@click.option("--name", help="Name of the backfill; the default is that of PATH. A run of the same name goes on.")
@click.option("--report", type=click.Path(dir_okay=False, path_type=Path),
              help="Write a CSV of what was rejected or failed: file and number, message, state, code, place.")
@click.option("--restart", is_flag=True, help="Begin from the beginning; reports that are there are replaced.")
@click.option("--no-work", is_flag=True, help="Only take messages; leave the work to workers that run elsewhere.")
def command(path: Path, name: str | None, report: Path | None, restart: bool, no_work: bool) -> None:
    """Take the reports of a folder, zip archive or NDJSON file of any size into the store and process them.

    Interrupted or killed, the same command goes on where it was. Exit code 1 when something was rejected or failed.
    """
    from fhir_adapter import settings, tables
    from fhir_adapter.errors import StoreError
    from fhir_adapter.service import backfill, logs
    from fhir_adapter.service.intake import open_intake
    from fhir_adapter.service.workshop import worker_of
    from fhir_adapter.store import backfills

    loaded = settings.load()
    logs.configure("ERROR")
    intake = open_intake(loaded, tables.load(loaded.tables_dir))
    name = (name or path.resolve().name)[:100].replace("/", "_")
    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop.set())
    try:
        with ExitStack() as stack:
            if restart:
                with intake.database.writing() as connection:
                    backfills.forget(connection, name)
            if not no_work:
                worker = worker_of(intake)
                thread = threading.Thread(target=worker.run, name="worker")
                thread.start()
                stack.callback(thread.join)
                stack.callback(worker.stop)
            advance = stack.enter_context(_progress(path))
            taken = passed = 0
            for step in backfill.run(intake, path, name, stopping=stop.is_set):
                taken, passed = taken + step.taken, passed + step.passed
                advance(step.size, f"{taken} taken")
            while not no_work and thread.is_alive() and not stop.is_set() and (left := _left(intake, name)):
                advance(0, f"{left} to process")
                stop.wait(0.2)
        sys.exit(_told(intake, name, taken, passed, report, stopped=stop.is_set()))
    except StoreError as error:
        click.echo(f"fhir-adapter: {error}; the same command goes on where it was", err=True)
        sys.exit(Exit.UNREACHABLE)


def _left(intake: Any, name: str) -> int:
    from fhir_adapter.store import backfills

    with intake.database.reading() as connection:
        return backfills.unsettled(connection, name)


def _progress(path: Path) -> Any:
    """A bar over the bytes of the files, where someone looks; gives a function that advances it."""
    from contextlib import contextmanager

    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

    from fhir_adapter.service.archives import members

    @contextmanager
    def shown() -> Any:
        if not sys.stderr.isatty():
            yield lambda *_: None
            return
        columns = (TextColumn("{task.description}"), BarColumn(), TextColumn("{task.percentage:>3.0f}%"),
                   TimeRemainingColumn(), TextColumn("{task.fields[said]}"))
        with Progress(*columns, console=Console(stderr=True)) as bar:
            task = bar.add_task("backfill", total=sum(one.size for one in members(path)) or 1, said="")
            yield lambda size, said: bar.update(task, advance=size, said=said)

    return shown()


def _told(intake: Any, name: str, taken: int, passed: int, report: Path | None, *, stopped: bool) -> Exit:
    """Say what became of all messages of the backfill, those of earlier runs among them."""
    from fhir_adapter.store import backfills

    with intake.database.reading() as connection:
        counts = backfills.counts(connection, name)
    beside = f", {passed} resources that are no reports passed over" if passed else ""
    end = "; interrupted, the same command goes on" if stopped else ""
    click.echo(f"{taken} messages taken now{beside}{end}", err=True)
    for row in counts:
        click.echo(f"{row.number:8} {row.state} {row.code}".rstrip(), err=True)
    wrong = sum(row.number for row in counts if row.state in ("rejected", "failed"))
    if report is not None:
        _write(intake, name, report)
    elif wrong:
        click.echo(f"see them with: fhir-adapter messages list 'origin:{name}/' state:rejected state:failed", err=True)
    return Exit.ISSUES if wrong or stopped else Exit.OK


def _write(intake: Any, name: str, report: Path) -> None:
    """The CSV; its file is the owner's alone, since names of files may be names of people."""
    from fhir_adapter.store import backfills

    with os.fdopen(os.open(report, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(("file", "message", "state", "code", "place"))
        after = 0
        while True:
            with intake.database.reading() as connection:
                page = backfills.troubles(connection, name, after=after, limit=1000)
            if not page:
                return
            rows.writerows((row.origin.removeprefix(f"{name}/"), row.id, row.state, row.code, row.place)
                           for row in page)
            after = page[-1].seq
