"""`convert`: any input to FHIR bundles."""

import json
import sys

import click

from fhir_adapter.cli.exits import Exit
from fhir_adapter.cli.inputs import content, inputs, options, progress, tell
from fhir_adapter.errors import EngineError, MessageError
from fhir_adapter.model.report import JSONObject


@click.command()
@options
@click.option("--format", "layout", type=click.Choice(["bundle", "ndjson"]), default="bundle", show_default=True,
              help="One indented bundle, or a bundle a line.")
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
    bundles: list[JSONObject] = []
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
                    outcomes = loaded.convert(message)
                except (MessageError, EngineError) as error:
                    tell(name, error.issues)
                    refused = True
                    continue
                for outcome in outcomes:
                    tell(name, outcome.issues)
                    bundles.append(outcome.resources.bundle)
                    if layout == "ndjson" or len(bundles) > 1 or len(messages) > 1 or len(wanted) > 1:
                        _lines(bundles)
    if bundles:
        click.echo(json.dumps(bundles[0], indent=2, ensure_ascii=False))
    sys.exit(Exit.ISSUES if refused else Exit.OK)


def _lines(bundles: list[JSONObject]) -> None:
    """Print what is held as lines and hold nothing: memory stays flat however many files there are."""
    for bundle in bundles:
        click.echo(json.dumps(bundle, ensure_ascii=False, separators=(",", ":")))
    bundles.clear()
