"""`messages`: find stored messages, show them, try them again, edit them, export them."""

import json
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click

from fhir_adapter.cli.exits import Exit


class _Told(click.Group):
    """Turns what a person can mend into one sentence and exit code 2."""

    def invoke(self, ctx: click.Context) -> Any:
        from fhir_adapter.errors import StoreError
        from fhir_adapter.service.messages import NotThere, QueryError

        try:
            return super().invoke(ctx)
        except (QueryError, NotThere) as error:
            raise click.UsageError(str(error)) from None
        except StoreError as error:
            click.echo(str(error), err=True)
            sys.exit(Exit.UNREACHABLE)


@click.group(cls=_Told)
def command() -> None:
    """Find stored messages and do something about them.

    A QUERY has words such as state:failed code:NET-6 from:ris modality:CT since:2h; a minus before a word negates it.
    """


def _intake() -> Any:
    from fhir_adapter import settings, tables
    from fhir_adapter.service.intake import open_intake

    loaded = settings.load()
    return open_intake(loaded, tables.load(loaded.tables_dir))


def _actor() -> str:
    """Who is at the keyboard, by the account's name."""
    import getpass

    try:
        return f"cli:{getpass.getuser()}"
    except (KeyError, OSError):  # an account without a name, as in some containers
        return "cli"


def _terms(query: tuple[str, ...]) -> Any:
    from fhir_adapter.service.messages import parse

    return parse(" ".join(query), now=datetime.now(UTC))


@command.command("list")
@click.argument("query", nargs=-1)
@click.option("--limit", default=50, show_default=True, help="Most messages shown, the newest first.")
@click.option("--format", "layout", type=click.Choice(["text", "ndjson"]), default="text", show_default=True)
def list_(query: tuple[str, ...], limit: int, layout: str) -> None:
    """List messages: when, from whom, control id, state, code and place."""
    from fhir_adapter.store import search

    terms = _terms(query)
    with _intake().database.reading() as connection:
        rows = search.listing(connection, terms, limit=limit)
        counts = search.counts(connection, terms)
    for row in rows:
        if layout == "ndjson":
            click.echo(json.dumps({name: str(value) if isinstance(value, datetime) else value
                                   for name, value in row._mapping.items() if name != "seq"}))
            continue
        click.echo("  ".join(filter(None, (
            row.id, f"{row.received:%Y-%m-%d %H:%M:%S}", f"{row.state} {row.code} {row.place}".strip(),
            f"ack {row.acknowledgement}", row.sender, row.control_id, row.kind, row.modality))))
    click.echo(f"{sum(row.number for row in counts)} messages: " + ", ".join(
        f"{row.number} {row.state}{' ' + row.code if row.code else ''}" for row in counts), err=True)


@command.command()
@click.argument("message")
@click.option("--content", "with_content", is_flag=True, help="Print the message itself, as it came.")
def show(message: str, with_content: bool) -> None:
    """Show one message: its states, what is wrong and how to mend it, what became of it."""
    from fhir_adapter.issues import Issue, Severity
    from fhir_adapter.service.messages import content, look
    from fhir_adapter.store import search
    from fhir_adapter.store.states import Acknowledgement, State

    intake = _intake()
    if with_content:
        click.echo(content(intake, message, actor=_actor())[0])
        return
    row = look(intake, message, actor=_actor())
    with intake.database.reading() as connection:
        issues = search.issues_of(connection, row.seq)
        results = search.results_of(connection, row.seq)
    state, acknowledgement = State(row.state), Acknowledgement(row.acknowledgement)
    click.echo(f"message      {row.id}, control id {row.control_id}, {row.kind} {row.modality}".rstrip())
    click.echo(f"received     {row.received:%Y-%m-%d %H:%M:%S %Z} by {row.channel} from {row.sender}")
    click.echo(f"processing   {state}: {state.sentence}" + (f" ({row.attempts} attempts)" if row.attempts > 1 else ""))
    answers = " ".join(filter(None, (row.answer_code, row.later_code))) or "none"
    click.echo(f"answer       {answers}, {acknowledgement}: {acknowledgement.sentence}")
    for label, other in (("edited from", row.edited_from), ("replaced by", row.replaced_by)):
        if other:
            click.echo(f"{label:13}{other}")
    for report, status, current, number in results:
        shown = f"current, {number} resources" if current else "a newer version is shown"
        click.echo(f"report       DiagnosticReport/{report} {status}, {shown}")
    for code, severity, place in issues:
        click.echo(f"{severity:13}{Issue(code=code, where=place, severity=Severity(severity))}")
    if row.payload is None:
        click.echo("content      gone; it was kept for as long as the settings say")


@command.command()
@click.argument("query", nargs=-1, required=True)
@click.option("--go", is_flag=True, help="Do it; without this, only say how many.")
def retry(query: tuple[str, ...], go: bool) -> None:
    """Have messages processed anew. The originals stay; trying again is always safe."""
    from fhir_adapter.service.messages import retry as again

    done = again(_intake(), _terms(query), go=go, actor=_actor())
    click.echo(f"{done.number} messages {'will be' if go else 'would be'} processed anew{'' if go else '; add --go'}",
               err=True)
    if done.gone:
        click.echo(f"{done.gone} cannot be: their content is no longer kept (NET-626)", err=True)


@command.command()
@click.argument("message")
@click.argument("file", type=click.File("rb"))
def edit(message: str, file: Any) -> None:
    """Take FILE (or - for standard input) in the place of a message, which stays and points to the new one."""
    from fhir_adapter.service.messages import edit as take

    kept = take(_intake(), message, file.read(), actor=_actor())
    click.echo(f"{kept.id} {kept.state}")
    sys.exit(Exit.OK if kept.state == "received" else Exit.ISSUES)


@command.command()
@click.argument("query", nargs=-1)
@click.option("--to", "folder", type=click.Path(file_okay=False, path_type=Path), required=True,
              help="The folder to write into; its files are the owner's alone.")
def export(query: tuple[str, ...], folder: Path) -> None:
    """Write messages into files as they came, one each."""
    from fhir_adapter.service.messages import export as write

    click.echo(f"{write(_intake(), _terms(query), folder, actor=_actor())} messages written", err=True)


@command.command()
@click.argument("message", default="")
@click.option("--actor", default="", help="Only what this one did, as cli:mona.")
@click.option("--limit", default=100, show_default=True, help="Most lines, the newest first.")
def audit(message: str, actor: str, limit: int) -> None:
    """Say who looked at MESSAGE or at any, who tried it again, edited or exported it, and when."""
    from fhir_adapter.store.audit import listing

    with _intake().database.reading() as connection:
        rows = listing(connection, object_id=message, actor=actor, limit=limit)
    for row in rows:
        click.echo(f"{row.at:%Y-%m-%d %H:%M:%S}  {row.actor}  {row.action}  {row.object}")
