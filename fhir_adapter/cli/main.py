"""
`fhir-adapter`: data on standard output, talk on standard error.

A command's module is imported when the command runs, so that `--help` loads neither pydantic nor spaCy.
"""

import sys
from importlib import import_module

import click

_COMMANDS = {
    "convert": "Turn messages and bundles into FHIR R4 bundles.",
    "explain": "Show a report with its evidence marked, its insights and issues.",
    "scrub": "Give messages back in their own format, de-identified.",
    "vault": "Turn a token back into what it stands for.",
    "validate": "Say what in a message does not conform, where, and how to mend it.",
    "evaluate": "Score the engine, or de-identification, against annotated reports.",
    "serve": "Answer HTTP requests.",
    "worker": "Work on stored messages; with --mllp, take them too.",
    "backfill": "Take archives of any size into the store, from where the last run came to.",
    "send": "Send messages to a receiver and print its answers.",
    "replay": "Play messages again: compare what they become, or send them.",
    "subscriptions": "List subscriptions, and send again what was set aside.",
    "messages": "Find stored messages, show them, try them again, edit, export.",
    "tables": "Check the tables.",
    "settings": "Print the settings and where each value came from.",
    "doctor": "Check the installation.",
}


class _Commands(click.Group):
    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(_COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in _COMMANDS:
            return None
        command: click.Command = import_module(f"fhir_adapter.cli.{cmd_name}").command
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl(list(_COMMANDS.items()))


@click.group(cls=_Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="fhir-adapter", prog_name="fhir-adapter")
def cli() -> None:
    """Radiology reports (HL7 v2, FHIR) in; de-identified, coded FHIR R4 insights out."""


def main() -> None:
    """Run the command line; a wrong installation ends with one sentence and exit code 2."""
    from fhir_adapter.errors import ConfigurationError

    try:
        cli()
    except ConfigurationError as error:
        click.echo(f"fhir-adapter: {error}", err=True)
        sys.exit(2)
