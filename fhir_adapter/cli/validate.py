"""`validate`: conformance against the standard and our profile."""

import json
import sys

import click

from fhir_adapter.cli.exits import Exit
from fhir_adapter.cli.inputs import content, inputs, options
from fhir_adapter.errors import MessageError


@click.command()
@options
@click.option("--format", "layout", type=click.Choice(["text", "json"]), default="text", show_default=True)
def command(files: tuple[str, ...], sample: str | None, layout: str) -> None:
    """Say what in a message does not conform, where, and how to mend it. Exit code 1 where something does not."""
    from fhir_adapter import readers, settings, tables

    wanted = inputs(files, sample)
    chosen = settings.load()
    loaded = tables.load(chosen.tables_dir)
    count = 0
    for name, path in wanted:
        try:
            messages = readers.split(content(path))
            issues = [i for m in messages for i in readers.choose(m).validate(m, settings=chosen, tables=loaded)]
        except MessageError as error:
            issues = list(error.issues)
        count += len(issues)
        for issue in issues:
            told = {"file": name, "code": issue.code, "severity": issue.severity.value, "where": issue.where,
                    "rule": issue.rule, "mend": issue.mend}
            click.echo(json.dumps(told) if layout == "json" else f"{name}: {issue.severity.value}: {issue}")
        if not issues and layout == "text":
            click.echo(f"{name}: conforms")
    sys.exit(Exit.ISSUES if count else Exit.OK)
