"""`convert`: any input to FHIR bundles, or to answers of the Radiology Insights API."""

import json
import sys
from collections.abc import Iterator

import click

from fhir_adapter.cli.exits import Exit
from fhir_adapter.cli.inputs import content, inputs, options, progress, tell
from fhir_adapter.errors import EngineError, MessageError
from fhir_adapter.model.insight import Outcome
from fhir_adapter.model.report import JSONObject
from fhir_adapter.service.adapter import Adapter

_ANSWER = "radiology-insights"


@click.command()
@options
@click.option("--format", "layout", type=click.Choice(["bundle", "ndjson", _ANSWER]), default="bundle",
              show_default=True, help="One indented bundle, a bundle a line, or the result that the Radiology Insights "
              "API gives: with the sender's own ids and dates, not de-identified.")
def command(files: tuple[str, ...], sample: str | None, layout: str) -> None:
    """Turn messages and bundles into FHIR R4 bundles.

    FILE may be a file, a folder, a glob or - for standard input; batch files are taken apart. One bundle for each
    report: indented when there is one, a line each when there are several. Issues go to standard error, and one that
    stops a message makes the exit code 1; the other messages go on.
    """
    from fhir_adapter import readers, settings
    from fhir_adapter.service.adapter import adapter

    wanted = inputs(files, sample)
    loaded = adapter(settings.load())
    refused = False
    made: list[JSONObject] = []
    with progress(wanted) as items:
        for name, path in items:
            try:
                messages = readers.split(content(path))
            except MessageError as error:
                tell(name, error.issues)
                refused = True
                continue
            for message in messages:
                try:
                    for outcome, one in _made(message, layout, loaded):
                        tell(name, outcome.issues)
                        made.append(one)
                        if layout == "ndjson" or len(made) > 1 or len(messages) > 1 or len(wanted) > 1:
                            _lines(made)
                except (MessageError, EngineError) as error:
                    tell(name, error.issues)
                    refused = True
    if made:
        click.echo(json.dumps(made[0], indent=2, ensure_ascii=False))
    sys.exit(Exit.ISSUES if refused else Exit.OK)


def _made(message: bytes, layout: str, loaded: Adapter) -> Iterator[tuple[Outcome, JSONObject]]:
    """Each report of a message and what is printed for it."""
    if layout == _ANSWER:
        from fhir_adapter.service import inference

        yield from inference.answered(message, loaded)
        return
    for outcome in loaded.convert(message):
        yield outcome, outcome.resources.bundle


def _lines(made: list[JSONObject]) -> None:
    """Print what is held as lines and hold nothing: memory stays flat however many files there are."""
    for one in made:
        click.echo(json.dumps(one, ensure_ascii=False, separators=(",", ":")))
    made.clear()
