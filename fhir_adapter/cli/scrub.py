"""`scrub`: the same format back, de-identified."""

import sys

import click

from fhir_adapter.cli.exits import Exit
from fhir_adapter.cli.inputs import content, inputs, options, tell
from fhir_adapter.errors import EngineError, MessageError


@click.command()
@options
def command(files: tuple[str, ...], sample: str | None) -> None:
    """Give messages back in their own format (ER7, FHIR JSON), de-identified."""
    from fhir_adapter import pipeline, readers, settings, tables

    wanted = inputs(files, sample)
    chosen = settings.load()
    loaded = tables.load(chosen.tables_dir)
    refused = False
    for name, path in wanted:
        try:
            messages = readers.split(content(path))
        except MessageError as error:
            tell(name, error.issues)
            refused = True
            continue
        for message in messages:
            try:
                sys.stdout.buffer.write(pipeline.scrub(message, settings=chosen, tables=loaded))
            except (MessageError, EngineError) as error:
                tell(name, error.issues)
                refused = True
    sys.stdout.flush()
    sys.exit(Exit.ISSUES if refused else Exit.OK)
