"""`vault`: what a token of the de-identified data stands for."""

import getpass
import sys

import click

from fhir_adapter.cli.exits import Exit


@click.group()
def command() -> None:
    """Turn tokens back into what they stand for, where the vault keeps it."""


@command.command()
@click.argument("token")
def find(token: str) -> None:
    """Print the number or name that TOKEN stands for. Each look is written down: in the vault, and as a log line."""
    from fhir_adapter import settings
    from fhir_adapter.deid import vault
    from fhir_adapter.service import logs

    chosen = settings.load()
    logs.configure(chosen.log_level)
    with vault.opened(chosen) as opened:
        found = opened.find(token, reader=getpass.getuser())
    # Who asks may type a patient's own number: only a token that the vault knows is named in the log.
    if found is None:
        logs.tell("vault.find", status="unknown")
        click.echo("fhir-adapter: The vault knows no such token.", err=True)
        sys.exit(Exit.ISSUES)
    purpose, value = found
    logs.tell("vault.find", status="found", reference=token)
    click.echo(f"{purpose}: ", err=True, nl=False)
    click.echo(value)
