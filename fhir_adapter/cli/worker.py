"""`worker`: take messages over MLLP and work on what is stored."""

import sys

import click

from fhir_adapter.cli.exits import Exit


@click.command()
@click.option("--mllp", "mllp_port", type=int, metavar="PORT",
              help="Also listen for HL7 over MLLP; 0 is any free port.")
@click.option("--host", help="Address to listen on.")
def command(mllp_port: int | None, host: str | None) -> None:
    """Work on stored messages until stopped; with --mllp, take them too.

    A positive acknowledgement is given only when the message is on disk. SIGTERM finishes what was taken.
    """
    from fhir_adapter import settings
    from fhir_adapter.errors import StoreError
    from fhir_adapter.service import logs, workshop

    given = {"mllp_port": mllp_port, "host": host}
    loaded = settings.load(**{name: value for name, value in given.items() if value is not None})
    logs.configure(loaded.log_level)
    try:
        workshop.run(loaded, started=lambda port: click.echo(f"MLLP on {loaded.host}:{port}" if port else "working",
                                                            err=True))
    except StoreError as error:
        click.echo(f"fhir-adapter: {error}", err=True)
        sys.exit(Exit.UNREACHABLE)
