"""`explain`: the report with its evidence marked, for people."""

import sys

import click

from fhir_adapter.cli.exits import Exit
from fhir_adapter.cli.inputs import content, inputs, options, tell
from fhir_adapter.errors import EngineError, MessageError


@click.command()
@options
def command(files: tuple[str, ...], sample: str | None) -> None:
    """Show a report with its evidence marked, its insights and issues."""
    from fhir_adapter import readers, settings
    from fhir_adapter.service.adapter import adapter
    from fhir_adapter.service.explain import explained

    wanted = inputs(files, sample)
    loaded = adapter(settings.load())
    refused = False
    for name, path in wanted:
        try:
            for message in readers.split(content(path)):
                for outcome in loaded.convert(message):
                    click.echo(explained(outcome, colour=sys.stdout.isatty()))
        except (MessageError, EngineError) as error:
            tell(name, error.issues)
            refused = True
    sys.exit(Exit.ISSUES if refused else Exit.OK)
