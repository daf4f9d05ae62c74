"""`subscriptions`: who is told of results, and what was set aside."""

import json
import sys
from typing import Any

import click

from fhir_adapter.cli.exits import Exit


@click.group()
def command() -> None:
    """List subscriptions, and send again what was set aside."""


def _opened() -> Any:
    from fhir_adapter import settings, tables
    from fhir_adapter.service.intake import open_intake
    from fhir_adapter.service.results import Results

    loaded = settings.load()
    shipped = tables.load(loaded.tables_dir)
    return Results(open_intake(loaded, shipped).database, shipped.results), loaded


@command.command("list")
def list_() -> None:
    """List subscriptions: id, status, criteria, what went wrong last and how much was set aside."""
    from fhir_adapter.store import subscriptions

    results, _ = _opened()
    with results.database.reading() as connection:
        for row in subscriptions.everyone(connection):
            aside = len(subscriptions.buried(connection, row.id))
            criteria = " ".join(f"{kind}?{query}" if query else kind for kind, query in json.loads(row.watches))
            click.echo("  ".join(filter(None, (row.id, row.status, criteria, row.code,
                                               f"{aside} set aside" if aside else ""))))


@command.command()
@click.argument("subscription")
def retry(subscription: str) -> None:
    """Send again what a subscriber refused, as it is now."""
    from fhir_adapter.service.delivery.again import retry as again

    results, loaded = _opened()
    taken, left = again(results, loaded, subscription)
    click.echo(f"{taken} taken, {left} still set aside", err=True)
    sys.exit(Exit.REFUSED if left else Exit.OK)
