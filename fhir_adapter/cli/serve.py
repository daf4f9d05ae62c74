"""`serve`: the HTTP service."""

import click


@click.command()
@click.option("--host", help="Address to listen on.")
@click.option("--port", type=int, help="Port to listen on.")
@click.option("--workers", type=int, help="Processes that answer.")
def command(host: str | None, port: int | None, workers: int | None) -> None:
    """Answer HTTP requests: POST /hl7v2, POST /fhir, and the pages that /docs lists."""
    from fhir_adapter import settings
    from fhir_adapter.web.server import serve

    given = {"host": host, "port": port, "workers": workers}
    serve(settings.load(**{name: value for name, value in given.items() if value is not None}))
