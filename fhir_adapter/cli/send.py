"""`send`: messages to a receiver, each with what it was answered."""

import sys

import click

from fhir_adapter.cli.exits import Exit
from fhir_adapter.cli.inputs import content, inputs, options


@click.command()
@options
@click.option("--to", "url", required=True, metavar="URL",
              help="mllp://host:port, mllps://host:port, http://… or https://….")
@click.option("--timeout", default=30.0, show_default=True, help="Seconds to wait for an answer.")
def command(files: tuple[str, ...], sample: str | None, url: str, timeout: float) -> None:
    """Send messages and print what each was answered.

    Batch files are taken apart. Exit code 3 when the receiver refused one, 4 when it could not be reached.
    """
    from fhir_adapter import readers
    from fhir_adapter.service.replay import Verdict, send
    from fhir_adapter.transport.sender import channel

    verdicts = set()
    with channel(url, timeout=timeout) as to:
        for name, path in inputs(files, sample):
            for message in readers.split(content(path)):
                done = send(name, message, to)
                verdicts.add(done.verdict)
                click.echo(f"{name}: {done.verdict} {done.why} ({1000 * done.seconds:.0f} ms)")
                if done.verdict is Verdict.UNREACHABLE:
                    sys.exit(Exit.UNREACHABLE)
    sys.exit(Exit.REFUSED if Verdict.REFUSED in verdicts else Exit.OK)
