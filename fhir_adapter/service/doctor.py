"""Whether this installation works: one line for each part."""

import os
from collections.abc import Iterator
from dataclasses import dataclass

from fhir_adapter import __version__
from fhir_adapter.errors import AdapterError
from fhir_adapter.settings import Settings


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """One part, whether it is well, and one sentence."""

    part: str
    well: bool
    told: str


def examine(settings: Settings) -> Iterator[Check]:
    """Check version, data directory, key, tables and engine, each on its own."""
    from fhir_adapter import tables as tables_module
    from fhir_adapter.deid.identity import ready
    from fhir_adapter.nlp.engine import load_engine

    yield Check(part="version", well=True, told=f"fhir-adapter {__version__}")
    folder = settings.data_dir
    parent = next(p for p in (folder, *folder.parents) if p.exists())
    writable = os.access(parent, os.W_OK)
    yield Check(part="data directory", well=writable, told="can be written" if writable else "cannot be written")
    try:
        ready(settings)
        yield Check(part="key", well=True, told="set" if settings.key else "in the data directory, owner only")
    except AdapterError as error:
        yield Check(part="key", well=False, told=str(error))
    try:
        tables = tables_module.load(settings.tables_dir)
        yield Check(part="tables", well=True, told=f"{len(tables.language.targets)} phrases, "
                    f"{len(tables.judgement.critical.rows)} critical results, all conform")
    except AdapterError as error:
        yield Check(part="tables", well=False, told=str(error))
        return
    try:
        yield Check(part="engine", well=True, told=load_engine(settings, tables.language).name)
    except Exception as error:  # whatever is missing, the line says so
        yield Check(part="engine", well=False, told=type(error).__name__)
