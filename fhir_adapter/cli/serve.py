"""`serve`: the HTTP service."""

import tempfile

import click

_DEMO_DAYS = 400
"""A demonstration keeps what it shows."""


@click.command()
@click.option("--host", help="Address to listen on.")
@click.option("--port", type=int, help="Port to listen on.")
@click.option("--workers", type=int, help="Processes that answer.")
@click.option("--mllp", "mllp_port", type=int, metavar="PORT",
              help="Also listen for HL7 over MLLP; 0 is any free port.")
@click.option("--data-dir", type=click.Path(file_okay=False), help="Where messages, results and the key are kept.")
@click.option("--demo", is_flag=True, help="Fill an empty store with invented traffic, so that every page has "
              "something to show; without --data-dir, in a folder that is removed at the end.")
def command(demo: bool, **given: object) -> None:
    """Answer HTTP requests: POST /hl7v2, POST /fhir, the pages for people, and what /docs lists; with --mllp, HL7 over
    MLLP too.
    """
    from fhir_adapter import settings
    from fhir_adapter.web.server import serve

    options = {name: value for name, value in given.items() if value is not None}
    if not demo:
        serve(settings.load(**options))
        return
    with tempfile.TemporaryDirectory(prefix="fhir-adapter-demo-") as folder:
        serve(settings.load(**{"data_dir": folder, "keep_processed_days": _DEMO_DAYS, "keep_failed_days": _DEMO_DAYS,
                               "keep_messages_days": _DEMO_DAYS} | options), demo=True)
