"""`tables check`."""

import click


@click.group()
def command() -> None:
    """Check the tables."""


@command.command()
def check() -> None:
    """Hold every table against its schema; names file, row and column of the first fault (exit code 2)."""
    from fhir_adapter import settings, tables

    loaded = tables.load(settings.load().tables_dir)
    click.echo(f"{len(loaded.language.targets)} phrases, {len(loaded.language.context)} cues, "
               f"{len(loaded.judgement.critical.rows)} critical results: all tables conform.")
