"""
What becomes of each message and bundle of the reference data: a report of so many characters, or refused, and why.

Run: python -m tests.eval.sweep. Nothing of the messages is printed but their file names.
"""

import os
import sys
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

from fhir_adapter import readers
from fhir_adapter import settings as settings_module
from fhir_adapter.errors import MessageError
from fhir_adapter.service.adapter import Adapter, adapter
from tests.conftest import ROOT


def files(folder: Path) -> tuple[Path, ...]:
    """The messages and bundles of the reference data."""
    return tuple(sorted(p for kind in ("hl7v2", "fhir") for p in (folder / kind).iterdir() if p.suffix != ".csv"))


def sweep(file: Path, loaded: Adapter) -> Iterator[str]:
    """One line for each report or refusal of a file."""
    try:
        messages = readers.split(file.read_bytes())
    except MessageError as error:
        yield f"refused {error.issues[0].code}"
        return
    for message in messages:
        try:
            for outcome in loaded.convert(message):
                yield (f"bundle, {len(outcome.report.text)} characters, {len(outcome.insights)} insights"
                       + "".join(f", {issue.code}" for issue in outcome.issues))
        except MessageError as error:
            yield "refused " + ", ".join(dict.fromkeys(str(issue.code) for issue in error.issues))


def main() -> int:
    """Print the table."""
    folder = Path(os.environ.get("FHIR_ADAPTER_REFERENCE_DATA", ROOT.parent / "shared" / "data"))
    with TemporaryDirectory() as data:
        loaded = adapter(settings_module.load(data_dir=Path(data), key="5a" * 32))
        for file in files(folder):
            for line in sweep(file, loaded):
                print(f"{file.parent.name}/{file.name}: {line}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
