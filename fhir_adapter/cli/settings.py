"""`settings`: what is in force and where it came from."""

import os

import click


@click.command()
def command() -> None:
    """Print the settings and where each value came from; the key is never shown."""
    from fhir_adapter import settings

    loaded = settings.load()
    for name, field in settings.Settings.model_fields.items():
        value = getattr(loaded, name)
        if f"FHIR_ADAPTER_{name.upper()}" in os.environ:
            origin = "environment"
        else:
            origin = "file" if name in loaded.model_fields_set else "default"
        shown = "(set)" if name == "key" and value else value
        click.echo(f"{name} = {shown}  [{origin}]  {field.description}")
