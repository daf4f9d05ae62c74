"""The pages of docs/reference/ that are made from code: command line, settings, issue codes, our own code systems."""

import json
from collections.abc import Iterator
from pathlib import Path

import click

from fhir_adapter import tables as tables_module
from fhir_adapter.emitters.terminology import code_systems, structure_definitions
from fhir_adapter.issues import CATALOGUE
from fhir_adapter.settings import Settings
from tests.conftest import ROOT
from tests.docs.guidelines import guidelines

FOLDER = ROOT / "docs" / "reference"
_MADE = "<!-- Made by `python -m tests.docs --write` from {source}; change it there. -->\n"


def pages() -> Iterator[tuple[Path, str]]:
    """Each page and what it should say now."""
    yield FOLDER / "command-line.md", _commands()
    yield FOLDER / "settings.md", _settings()
    yield FOLDER / "issues.md", _issues()
    yield FOLDER / "guidelines.md", _MADE.format(source="mappings/insights/") + guidelines()
    for resource in (*code_systems(tables_module.load()), *structure_definitions()):
        name = f"{resource['resourceType']}-{resource['id']}.json"
        yield FOLDER / "fhir" / name, json.dumps(resource, indent=1, ensure_ascii=False) + "\n"


def _commands() -> str:
    from fhir_adapter.cli.main import cli

    out = [_MADE.format(source="fhir_adapter/cli/"), "# Command line\n"]
    context = click.Context(cli, info_name="fhir-adapter", terminal_width=100, max_content_width=100)
    for name in cli.list_commands(context):
        command = cli.get_command(context, name)
        assert command is not None
        inner = click.Context(command, info_name=name, parent=context, terminal_width=100, max_content_width=100)
        out.append(f"## `{name}`\n\n```text\n{command.get_help(inner)}\n```\n")
        if isinstance(command, click.Group):
            for child in command.list_commands(inner):
                inside = command.get_command(inner, child)
                assert inside is not None
                deeper = click.Context(inside, info_name=child, parent=inner, terminal_width=100,
                                       max_content_width=100)
                out.append(f"### `{name} {child}`\n\n```text\n{inside.get_help(deeper)}\n```\n")
    return "\n".join(out)


def _settings() -> str:
    out = [_MADE.format(source="fhir_adapter/settings.py"), "# Settings\n",
           "From arguments, the environment (`FHIR_ADAPTER_<NAME>`), a TOML file (`FHIR_ADAPTER_CONFIG`, default "
           "`fhir-adapter.toml` in the working directory), then the defaults; the first wins.\n",
           "| setting | default | what it is |", "|---|---|---|"]
    for name, field in Settings.model_fields.items():
        default = field.get_default(call_default_factory=True) if not field.is_required() else ""
        told = str(default).replace(str(Path.home()), "~")
        out.append(f"| `{name}` | {f'`{told}`' if told not in ('', 'None', '()') else ''} | {field.description} |")
    return "\n".join(out) + "\n"


def _issues() -> str:
    out = [_MADE.format(source="fhir_adapter/issues.py"), "# Codes of what can go wrong\n",
           "The same code stands in ERR-5 of an acknowledgement, in an OperationOutcome, on the command line and on "
           "the pages. HL7 is the code of table 0357 that travels with it, FHIR the issue type.\n",
           "| code | severity | rule | mend | HL7 | FHIR |", "|---|---|---|---|---|---|"]
    for entry in CATALOGUE.values():
        cells = (entry.code, entry.severity.value, entry.rule, entry.mend, entry.hl7, entry.fhir)
        out.append("| " + " | ".join(str(cell).replace("|", "\\|") for cell in cells) + " |")
    return "\n".join(out) + "\n"
