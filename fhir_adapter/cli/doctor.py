"""`doctor`: check the installation."""

import sys

import click

from fhir_adapter.cli.exits import Exit


@click.command()
def command() -> None:
    """Check settings, data directory, key, tables and engine; exit code 2 where something is wrong."""
    from fhir_adapter import settings
    from fhir_adapter.service.doctor import examine

    well = True
    for check in examine(settings.load()):
        well = well and check.well
        click.echo(f"{'OK  ' if check.well else 'FAIL'} {check.part}: {check.told}")
    sys.exit(Exit.OK if well else Exit.USAGE)
