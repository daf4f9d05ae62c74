"""`evaluate`: how well the engine does on reports that people annotated."""

import json
import sys
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from fhir_adapter.cli.exits import Exit
from fhir_adapter.cli.inputs import content, inputs, tell
from fhir_adapter.errors import MessageError
from fhir_adapter.evaluation.annotated import DIMENSIONS, Record
from fhir_adapter.evaluation.gates import Gate, gate

if TYPE_CHECKING:
    from fhir_adapter.evaluation.comparison import Comparison
    from fhir_adapter.evaluation.results import Choices, Evaluation
    from fhir_adapter.evaluation.scoring import Scored
    from fhir_adapter.evaluation.telling import Table

_ENGINES = ("compiled", "medspacy")
_SHOWN = 20
_KEY = "5a" * 32  # nothing that is hidden here leaves, and with one key every run gives the same figures


def _probability(_: click.Context, __: click.Parameter, values: tuple[str, ...]) -> dict[str, float]:
    from fhir_adapter.evaluation.tasks import TASKS

    out = {}
    for value in values:
        kind, _sign, number = value.rpartition("=")
        try:
            out[kind] = float(number)
        except ValueError:
            out[kind] = -1.0
        if not 0 <= out[kind] <= 1 or (kind and kind not in {t.name for t in TASKS if t.is_main}):
            raise click.BadParameter("write a number from 0 to 1, or kind=number.")
    return out


def _gates(_: click.Context, __: click.Parameter, values: tuple[str, ...]) -> tuple[Gate, ...]:
    try:
        return tuple(map(gate, values))
    except ValueError as error:
        raise click.BadParameter(str(error)) from None


@click.command()
@click.argument("files", nargs=-1)
@click.option("--deid", is_flag=True, help="Score de-identification; the files are annotated with `phi`.")
@click.option("--format", "layout", type=click.Choice(["text", "json", "html", "markdown", "junit"]), default="text",
              show_default=True)
@click.option("--errors", is_flag=True, help="Show the words of each error. They are words of the reports.")
@click.option("--prevalence", multiple=True, metavar="[KIND=]SHARE", callback=_probability,
              help="The share of your reports that have a kind, for PPV and NPV; else the share in the files.")
@click.option("--volume", type=click.FloatRange(min=0, min_open=True), metavar="REPORTS",
              help="Reports a day: tells how many to expect flagged, flagged for nothing, and not flagged.")
@click.option("--by", multiple=True, type=click.Choice([*DIMENSIONS, "all"]),
              help="Show the subgroups of this dimension; JSON and HTML have all.")
@click.option("--engine", type=click.Choice(_ENGINES), help="The engine to score; else the one of the settings.")
@click.option("--compare", metavar="RUN", help="An earlier answer of --format json, or the name of another engine.")
@click.option("--fail-under", "gates", multiple=True, metavar="TASK[:MEASURE]=LEAST", callback=_gates,
              help="Exit code 1 if a figure (F1 unless named) is less, as in criticalResult:recall=0.9.")
@click.option("--jobs", type=click.IntRange(min=1), default=1, show_default=True, help="Processes that read.")
@click.option("--seed", type=int, default=1, show_default=True, help="Of the samples that intervals are made of.")
@click.option("--resamples", type=click.IntRange(min=100), default=1000, show_default=True, help="How many samples.")
def command(files: tuple[str, ...], deid: bool, layout: str, errors: bool, by: tuple[str, ...],
            prevalence: dict[str, float], volume: float | None, engine: str | None, compare: str | None,
            gates: tuple[Gate, ...], jobs: int, seed: int, resamples: int) -> None:
    """Score the engine, or de-identification, against annotated reports.

    Files are JSON Lines or JSON in the format of docs/reference/gold-format.md; of a folder, the .jsonl, .ndjson and
    .json files. Nothing is stored. Exit code 1 where a file is wrong, a report could not be read, or a --fail-under is
    not reached.
    """
    if deid and (prevalence or volume or by or engine or compare or gates or layout == "junit"):
        raise click.UsageError("--deid goes with --errors and every --format but junit, nothing else.")
    records = _records(files, "deid_gold" if deid else "gold")
    if deid:
        _deid(records, layout, with_errors=errors)
        return
    from fhir_adapter.evaluation.results import Choices

    choices = Choices(prevalence=prevalence, volume=volume, resamples=resamples, seed=seed)
    dimensions = DIMENSIONS if "all" in by or layout == "html" else tuple(d for d in DIMENSIONS if d in by)
    _engine(records, choices, layout, dimensions=dimensions, engine=engine, compare=compare, gates=gates, jobs=jobs,
            with_errors=errors)


def _records(names: Sequence[str], form: Any) -> tuple[Record, ...]:
    """The records of all files; ends with exit code 1 and what is wrong where something is."""
    from fhir_adapter.evaluation.files import SUFFIXES, File, check

    given: list[File] = []
    refused = False
    for name, path in inputs(names, None):
        if name not in names and path is not None and path.suffix.lower() not in SUFFIXES:
            continue  # another file of a folder
        try:
            given.append(File(name=name, content=content(path)))
        except MessageError as error:
            tell(name, error.issues)
            refused = True
    if refused:
        sys.exit(Exit.ISSUES)
    checked = check(given, form)
    for name, issue in checked.faults[:_SHOWN]:
        tell(name, [issue])
    if len(checked.faults) > _SHOWN:
        click.echo(f"and {len(checked.faults) - _SHOWN} more", err=True)
    if checked.faults:
        sys.exit(Exit.ISSUES)
    return checked.records


def _deid(records: Sequence[Record], layout: str, *, with_errors: bool) -> None:
    from fhir_adapter import settings, tables
    from fhir_adapter.evaluation.deidentification import evaluate, tables_of

    score = evaluate(records, tables.load(settings.load(key=_KEY).tables_dir).deid)
    if layout == "json":
        click.echo(json.dumps(score.as_json(with_errors=with_errors), indent=1, ensure_ascii=False))
        return
    summary = f"{score.texts} texts, {score.total[0]} mentions; {len(score.misses)} are not hidden whole."
    _show("De-identification, evaluated", summary, tables_of(score, with_errors=with_errors), layout)
    if not with_errors and score.misses:
        click.echo("--errors shows what was left.", err=True)


def _engine(records: Sequence[Record], choices: "Choices", layout: str, *, dimensions: Sequence[str],
            engine: str | None, compare: str | None, gates: Sequence[Gate], jobs: int, with_errors: bool) -> None:
    from fhir_adapter import __version__
    from fhir_adapter.evaluation.gates import hold
    from fhir_adapter.evaluation.results import evaluation

    earlier = _earlier(compare)
    name, scored = _run(records, engine, jobs)
    result = evaluation(scored, choices, version=__version__, engine=name)
    comparison = None
    if compare is not None:
        before = earlier or _run(records, compare, jobs)
        comparison = _compared(before, (f"{name} ({__version__})", scored), choices, compare)
    held = hold(result, gates)
    _tell(result, layout, dimensions=dimensions, comparison=comparison, held=held, with_errors=with_errors)
    for one in held:
        click.echo(str(one), err=True)
    if result.failures:
        click.echo(f"{len(result.failures)} reports could not be read; what is annotated in them counts as missed.",
                   err=True)
    sys.exit(Exit.ISSUES if result.failures or not all(one.passed for one in held) else Exit.OK)


def _earlier(compare: str | None) -> "tuple[str, tuple[Scored, ...]] | None":
    """The saved run that --compare names; None where it names an engine, or nothing."""
    from fhir_adapter.evaluation import saved

    if compare is None or compare in _ENGINES:
        return None
    try:
        return saved.read(content(Path(compare)))
    except MessageError as error:
        tell(compare, error.issues)
        sys.exit(Exit.ISSUES)


def _run(records: Sequence[Record], engine: str | None, jobs: int) -> "tuple[str, tuple[Scored, ...]]":
    from fhir_adapter import settings
    from fhir_adapter.evaluation.files import reports
    from fhir_adapter.evaluation.run import run

    chosen = settings.load(key=_KEY, engine=engine) if engine else settings.load(key=_KEY)
    return run(reports(records), chosen, jobs=jobs, seen=lambda scored: _watched(scored, len(records)))


def _watched(scored: "Iterable[Scored]", total: int) -> "Iterable[Scored]":
    """Behind a progress bar where someone looks and there are many."""
    if total < 100 or not sys.stderr.isatty():
        return scored
    from rich.console import Console
    from rich.progress import track

    return track(scored, total=total, description="reading", console=Console(stderr=True))


def _compared(before: "tuple[str, tuple[Scored, ...]]", now: "tuple[str, tuple[Scored, ...]]", choices: "Choices",
              name: str) -> "Comparison":
    from fhir_adapter.evaluation.comparison import compare
    from fhir_adapter.issues import Issue

    found = compare(before[1], now[1], choices, (before[0], now[0]))
    if not found.reports:
        tell(name, [Issue.at("EVAL-807")])
        sys.exit(Exit.ISSUES)
    return found


def _tell(result: "Evaluation", layout: str, *, dimensions: Sequence[str], comparison: "Comparison | None",
          held: Sequence[Any], with_errors: bool) -> None:
    from fhir_adapter.evaluation import junit, saved, telling

    if layout == "json":
        told = saved.as_json(result, comparison=comparison, held=held, with_errors=with_errors)
        click.echo(json.dumps(told, indent=1, ensure_ascii=False))
    elif layout == "junit":
        click.echo(junit.as_junit(result, held), nl=False)
    else:
        summary = (f"{len(result.scored)} reports, {len(result.failures)} not read. Engine {result.engine}, version "
                   f"{result.version}.")
        _show("Evaluation", summary, telling.tables(result, by=dimensions, comparison=comparison, held=held,
                                                    with_errors=with_errors), layout)


def _show(title: str, summary: str, tables: "Iterator[Table]", layout: str) -> None:
    if layout == "html":
        from fhir_adapter.evaluation.page import page

        click.echo(page(title, summary, tables), nl=False)
    elif layout == "markdown":
        from fhir_adapter.evaluation.markdown import as_markdown

        click.echo(as_markdown(title, summary, tables), nl=False)
    else:
        from fhir_adapter.cli.terminal import show

        show(summary, tables)
