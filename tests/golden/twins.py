"""Make the expected twin of every sample, always the same: fixed key, fixed engine, no clock."""

import json
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

from fhir_adapter import pipeline, readers
from fhir_adapter import settings as settings_module
from fhir_adapter import tables as tables_module
from fhir_adapter.errors import MessageError
from fhir_adapter.nlp.engine import load_engine

ROOT = Path(__file__).parent.parent.parent
SAMPLES = ROOT / "samples"
EXPECTED = SAMPLES / "expected"
KEY = "5a" * 32


def samples() -> tuple[Path, ...]:
    """Every shipped sample."""
    return tuple(sorted(p for folder in ("hl7v2", "fhir") for p in (SAMPLES / folder).glob("*") if p.is_file()))


def twin_of(sample: Path) -> Path:
    """Where the expected twin of a sample stands."""
    return EXPECTED / sample.parent.name / f"{sample.stem}.json"


def twins() -> Iterator[tuple[Path, str]]:
    """Each sample's twin path and the text that it should hold now."""
    with TemporaryDirectory() as folder:
        settings = settings_module.load(data_dir=Path(folder), key=KEY)
        tables = tables_module.load()
        engine = load_engine(settings, tables.language)
        for sample in samples():
            outcomes = []
            for message in readers.split(sample.read_bytes()):
                try:
                    converted = pipeline.convert(message, settings=settings, tables=tables, engine=engine)
                except MessageError as error:
                    outcomes.append({"refused": [issue.code for issue in error.issues]})
                    continue
                outcomes += [
                    {
                        "bundle": outcome.resources.bundle,
                        "insights": [f"{insight.kind}: {insight.statement}" for insight in outcome.insights],
                        "issues": [f"{issue.code} {issue.where}".strip() for issue in outcome.issues],
                    }
                    for outcome in converted
                ]
            text = json.dumps({"sample": f"{sample.parent.name}/{sample.name}", "reports": outcomes}, indent=1,
                              ensure_ascii=False)
            yield twin_of(sample), text + "\n"
