"""`replay`: a folder of messages again, compared or sent."""

import re
import sys
from collections import Counter
from pathlib import Path

import click

from fhir_adapter.cli.exits import Exit
from fhir_adapter.cli.inputs import content, inputs, options


def _rate(_: click.Context, __: click.Parameter, value: str | None) -> float | None:
    if value is None:
        return None
    found = re.fullmatch(r"(\d+(?:\.\d+)?)(?:/s|x)?", value)
    if not found or not float(found[1]):
        raise click.BadParameter("is a number such as 5/s or 10x")
    return float(found[1])


@click.command()
@options
@click.option("--compare", "expected", type=click.Path(exists=True, file_okay=False, path_type=Path),
              help="A folder of expected bundles, <name>.json each.")
@click.option("--to", "url", metavar="URL", help="Where --go sends to.")
@click.option("--go", is_flag=True, help="Really send; without this, messages are only converted here.")
@click.option("--rate", callback=_rate, help="So many messages a second, as 5/s.")
@click.option("--speed", callback=_rate, help="A multiple of the pace in MSH-7, as 10x.")
@click.option("--as-recorded", is_flag=True, help="At the pace in MSH-7.")
@click.option("--junit", "report", type=click.Path(dir_okay=False, path_type=Path), help="Write a JUnit file.")
@click.option("--timeout", default=30.0, show_default=True, help="Seconds to wait for an answer.")
def command(files: tuple[str, ...], sample: str | None, expected: Path | None, url: str | None, go: bool,
            rate: float | None, speed: float | None, as_recorded: bool, report: Path | None, timeout: float) -> None:
    """Play messages again. A dry run until --go: they are converted here and compared with --compare.

    Exit code 1 when something changed or failed, 3 when the receiver refused one, 4 when it could not be reached.
    """
    from contextlib import nullcontext

    from fhir_adapter import settings
    from fhir_adapter.service.adapter import adapter
    from fhir_adapter.service.replay import Pace, Played, Verdict, compare, junit, paced, send
    from fhir_adapter.transport.sender import channel

    if go and url is None:
        raise click.UsageError("--go needs --to.")
    wanted = [(name, content(path)) for name, path in inputs(files, sample)]
    loaded = settings.load()
    played: list[Played] = []
    with channel(url, timeout=timeout) if go and url else nullcontext() as to:
        here = None if to else adapter(loaded)
        pace = Pace(rate=rate, speed=1.0 if as_recorded else speed) if to else Pace()
        for name, message in paced(wanted, pace, loaded.timezone):
            if to is not None:
                done = send(name, message, to)
            else:
                assert here is not None
                done = compare(name, message, expected, here)
            played.append(done)
            click.echo(f"{done.verdict:12}{name} {done.why}".rstrip())
            if done.verdict is Verdict.UNREACHABLE:
                break
    if report is not None:
        report.write_bytes(junit(played))
    counts = Counter(one.verdict for one in played)
    click.echo(", ".join(f"{number} {verdict}" for verdict, number in counts.items()) + (
        "" if go else "; a dry run: nothing was sent"), err=True)
    if counts[Verdict.UNREACHABLE]:
        sys.exit(Exit.UNREACHABLE)
    if counts[Verdict.REFUSED]:
        sys.exit(Exit.REFUSED)
    sys.exit(Exit.OK if all(one.verdict.well for one in played) else Exit.ISSUES)
