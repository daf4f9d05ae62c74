"""The installation for people: is each part well, what is set and from where, which versions run, who looked."""

import os
import platform
import shutil
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from importlib.metadata import PackageNotFoundError, version
from typing import Any

from pydantic import BaseModel, SecretStr

from fhir_adapter import __version__
from fhir_adapter.service.adapter import Adapter
from fhir_adapter.service.doctor import Check
from fhir_adapter.service.intake import Intake
from fhir_adapter.settings import Settings
from fhir_adapter.store import audit, migrate
from fhir_adapter.store.only import only_one
from fhir_adapter.tables import catalogue

_PACKAGES = ("Flask", "SQLAlchemy", "alembic", "fhir.resources", "pydicom", "cryptography", "gunicorn", "medspacy")
_LEAST_FREE = 1_000_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Option:
    """One setting: its value (of a secret only whether it is set), where that comes from, and its sentence."""

    name: str
    value: str
    origin: str
    about: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Looked:
    """Who did what to which message, and when."""

    at: datetime
    actor: str
    action: str
    object: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Installation:
    """Everything that the system page tells."""

    checks: tuple[Check, ...]
    versions: Mapping[str, str]
    options: tuple[Option, ...]
    looked: tuple[Looked, ...]


def installation(intake: Intake, adapter: Adapter) -> Installation:
    """Look at it once; the page itself is proof that it answers."""
    with intake.database.reading() as connection:
        rows = audit.listing(connection, limit=20)
    return Installation(
        checks=tuple(_checks(intake, adapter)), versions=dict(_versions(adapter)), options=options(adapter.settings),
        looked=tuple(Looked(at=row.at, actor=row.actor, action=row.action, object=row.object) for row in rows))


def options(settings: Settings) -> tuple[Option, ...]:
    """Every setting; no secret is told."""
    return tuple(Option(name=name, value=_told(getattr(settings, name)), about=field.description or "",
                        origin=_origin(settings, name)) for name, field in Settings.model_fields.items())


def _origin(settings: Settings, name: str) -> str:
    if f"FHIR_ADAPTER_{name.upper()}" in os.environ:
        return "environment"
    return "file or command line" if name in settings.model_fields_set else "default"


def _told(value: Any) -> str:
    if isinstance(value, SecretStr):
        return "(set)"
    if isinstance(value, BaseModel):
        return "; ".join(f"{name}={_told(one)}" for name, one in value if _told(one))
    if isinstance(value, tuple | list):
        if value and all(isinstance(one, SecretStr) for one in value):
            return f"({len(value)} set)"
        return ", ".join(_told(one) for one in value)
    return "" if value is None else str(value)


def _checks(intake: Intake, adapter: Adapter) -> Iterator[Check]:
    current = migrate.current(intake.database)
    kind = "SQLite" if intake.database.sqlite else "PostgreSQL"
    yield Check(part="store", well=current, told=f"{kind}, schema {'of this version' if current else 'of another'}")
    with only_one(intake.database, "worker") as free:
        yield Check(part="worker", well=not free, told="nobody works on messages" if free else "at work")
    tables = adapter.tables
    yield Check(part="tables", well=True, told=f"{len(tables.language.targets)} phrases, "
                f"{len(tables.judgement.critical.rows)} critical results, all conform")
    yield Check(part="engine", well=True, told=adapter.engine.name)
    free_bytes = shutil.disk_usage(adapter.settings.data_dir).free if adapter.settings.data_dir.exists() else 0
    yield Check(part="disk", well=free_bytes > _LEAST_FREE, told=f"{free_bytes / 1e9:.0f} GB free in data_dir")
    keys = len(adapter.settings.api_keys)
    yield Check(part="access", well=True, told=f"{keys} keys" if keys else "no keys: loopback only, open to everyone")


def _versions(adapter: Adapter) -> Iterator[tuple[str, str]]:
    yield "fhir-adapter", __version__
    yield "tables", catalogue.version(adapter.settings.tables_dir)
    yield "engine", adapter.engine.name
    yield "Python", platform.python_version()
    for name in _PACKAGES:
        try:
            yield name, version(name)
        except PackageNotFoundError:
            continue
