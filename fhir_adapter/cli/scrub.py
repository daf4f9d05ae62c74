"""`scrub`: the same format back, de-identified."""

import sys
from pathlib import Path

import click

from fhir_adapter.cli.exits import Exit
from fhir_adapter.cli.inputs import Input, content, inputs, options, tell
from fhir_adapter.errors import EngineError, MessageError
from fhir_adapter.issues import Issue
from fhir_adapter.settings import Settings
from fhir_adapter.tables import Tables


@click.command()
@options
@click.option("--output", type=click.Path(file_okay=False, path_type=Path), metavar="DIR",
              help="Write a file for each input here, numbered: a file's own name may be a person's.")
@click.option("--explain", is_flag=True, help="Say on standard error what was replaced in the text, and why.")
@click.option("--patient", default="", metavar="NUMBER", help="Whose text it is, so that plain text has the same day "
              "shift as the patient's messages.")
def command(files: tuple[str, ...], sample: str | None, output: Path | None, explain: bool, patient: str) -> None:
    """Give messages back in their own format (ER7, FHIR JSON, NDJSON, DICOM, text in .txt files), de-identified.

    How far, says the setting `mode`; each output names the mode that it was made in.
    """
    from fhir_adapter import readers, settings, tables

    wanted = inputs(files, sample)
    chosen = settings.load()
    loaded = tables.load(chosen.tables_dir)
    if output is not None:
        output.mkdir(mode=0o700, parents=True, exist_ok=True)
    refused = False
    people = _people(wanted)
    for number, (name, path) in enumerate(wanted, start=1):
        suffix = path.suffix.lower() if path else ""
        done = []
        try:
            payload = content(path)
            messages = (payload,) if suffix == ".txt" and not _is_message(payload) else readers.pieces(payload)
        except MessageError as error:
            tell(name, error.issues)
            refused = True
            continue
        for message in messages:
            try:
                told: list[Issue] = []
                done.append(_scrubbed(message, told, is_text=suffix == ".txt", patient=patient, settings=chosen,
                                      tables=loaded, people=people if suffix == ".ndjson" else None))
                tell(name, tuple(told))
                refused = refused or bool(told)
                if suffix == ".txt" and not _is_message(message):  # a text has no place of its own for it
                    click.echo(f"{name}: mode {chosen.mode}", err=True)
                if explain:
                    _explain(name, message, patient, chosen, loaded)
            except (MessageError, EngineError) as error:
                tell(name, error.issues)
                refused = True
        if output is None:
            sys.stdout.buffer.write(b"".join(done))
        elif done:
            (output / f"{number:06}{suffix}").write_bytes(b"".join(done))
    sys.stdout.flush()
    sys.exit(Exit.ISSUES if refused else Exit.OK)


def _people(wanted: list[Input]) -> dict[str, bytes]:
    """Whom the NDJSON files describe: an export has the patients in one file and their reports in another."""
    from fhir_adapter.readers import lines

    found: dict[str, bytes] = {}
    for _, path in wanted if len(wanted) > 1 else ():
        if path and path.suffix.lower() == ".ndjson":
            try:
                found.update(lines.people(content(path)))
            except MessageError:
                continue  # told when its turn comes
    return found


def _is_message(payload: bytes) -> bool:
    from fhir_adapter import readers

    try:
        readers.choose(payload)
    except MessageError:
        return False
    return True


def _scrubbed(message: bytes, told: list[Issue], *, is_text: bool, patient: str, settings: Settings,
              tables: Tables, people: dict[str, bytes] | None) -> bytes:
    from fhir_adapter import pipeline

    if is_text and not _is_message(message):
        return pipeline.scrub_words(message, patient=patient, settings=settings, tables=tables)
    return pipeline.scrub(message, settings=settings, tables=tables, tell=told.append, people=people)


def _explain(name: str, message: bytes, patient: str, settings: Settings, tables: Tables) -> None:
    """Each replacement of the text by what stands there now, recogniser, rule and reason; never the words replaced."""
    from fhir_adapter import deid, pipeline, readers

    try:
        reports = (readers.choose(message).read(message, settings=settings, tables=tables) if _is_message(message)
                   else (pipeline.words_of(message, patient=patient),))
    except MessageError:
        return  # no report, so no text to explain
    for report in reports:
        safe = deid.scrub(report, settings=settings, tables=tables)
        for one in safe.replacements:
            line = safe.text.count("\n", 0, one.span.start) + 1
            click.echo(f"{name}: line {line}: {one.span.of(safe.text)}: {one.recogniser}, {one.rule}: {one.why}",
                       err=True)
