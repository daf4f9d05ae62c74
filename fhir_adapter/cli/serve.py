"""`serve`: the HTTP service."""

import click


@click.command()
@click.option("--host", help="Address to listen on.")
@click.option("--port", type=int, help="Port to listen on.")
@click.option("--workers", type=int, help="Processes that answer.")
@click.option("--mllp", "mllp_port", type=int, metavar="PORT",
              help="Also listen for HL7 over MLLP; 0 is any free port.")
@click.option("--data-dir", type=click.Path(file_okay=False), help="Where messages, results and the key are kept.")
def command(**given: object) -> None:
    """Answer HTTP requests: POST /hl7v2, POST /fhir, and the pages that /docs lists; with --mllp, HL7 over MLLP too."""
    from fhir_adapter import settings
    from fhir_adapter.web.server import serve

    serve(settings.load(**{name: value for name, value in given.items() if value is not None}))
