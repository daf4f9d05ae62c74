"""The tables that the emitters use: statuses and the codes that resources are built with."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

from fhir_adapter.model.code import Code
from fhir_adapter.model.report import ReportStatus
from fhir_adapter.tables.load import rows


@dataclass(frozen=True, slots=True, kw_only=True)
class StatusRow:
    """What a report's status makes of the resources that came from it."""

    observation: str
    flag: str
    request: str


@dataclass(frozen=True, slots=True, kw_only=True)
class EmissionTables:
    """mappings/emission/; `codes` by use and value, as `("side", "left")`."""

    statuses: Mapping[ReportStatus, StatusRow]
    codes: Mapping[tuple[str, str], Code]
    withdrawals: Mapping[str, str]
    """The status of a resource, by its type, that a newer version of its report no longer supports."""


def load(mappings: Path) -> EmissionTables:
    """Load the tables, or raise a TableError."""
    folder = mappings / "emission"
    return EmissionTables(
        statuses=MappingProxyType({ReportStatus(r["report"]): StatusRow(
            observation=r["observation"], flag=r["flag"], request=r["request"]) for r in rows(folder / "status.csv")}),
        codes=MappingProxyType({(r["use"], r["value"]): Code(system=r["system"], code=r["code"], display=r["display"])
                                for r in rows(folder / "codes.csv")}),
        withdrawals=MappingProxyType({r["resource"]: r["status"] for r in rows(folder / "withdrawal.csv")}))
