"""
A report's life: which version is the newest, and what becomes of insights that the newest no longer supports.

Versions come preliminary, final, corrected, amended, cancelled, in any order, late and repeated. The newest is decided
by what the messages say of themselves, not by when they arrived.
"""

import json
from dataclasses import dataclass
from typing import Any

from fhir_adapter.emitters.written import written
from fhir_adapter.model.report import ReportStatus
from fhir_adapter.tables.emission import EmissionTables

_RANK = {status: rank for rank, some in enumerate((
    (ReportStatus.UNKNOWN, ReportStatus.REGISTERED),
    (ReportStatus.PARTIAL,),
    (ReportStatus.PRELIMINARY,),
    (ReportStatus.FINAL,),
    (ReportStatus.AMENDED, ReportStatus.CORRECTED, ReportStatus.APPENDED),
    (ReportStatus.CANCELLED, ReportStatus.ENTERED_IN_ERROR))) for status in some}
_A_DAY = len("2026-03-09")


@dataclass(frozen=True, slots=True, kw_only=True)
class Stamp:
    """What a version says of its age: when it was issued (OBR-22), when it was sent (MSH-7), its status.

    Times are ISO 8601: a date, or a time in UTC; empty where the message does not say.
    """

    issued: str = ""
    sent: str = ""
    status: ReportStatus = ReportStatus.UNKNOWN


def supersedes(new: Stamp, old: Stamp) -> bool:
    """Whether `new`, which arrived later, takes the place of `old`.

    The time of issue decides, then the time of sending, then the status (a correction after a final, a final after a
    preliminary); where all are the same, what arrived last.
    """
    for mine, theirs in ((new.issued, old.issued), (new.sent, old.sent)):
        # Where one of the two knows only the day, days are compared.
        shared = _A_DAY if _A_DAY in (len(mine), len(theirs)) else None
        if mine and theirs and mine[:shared] != theirs[:shared]:
            return mine[:shared] > theirs[:shared]
    return _RANK[new.status] >= _RANK[old.status]


def withdrawn(content: str, status: ReportStatus, when: str, tables: EmissionTables) -> str | None:
    """
    The resource as it stands once its report no longer supports it; None where it does not hang on the report alone.

    A cancelled or erroneous report decides by its own row of the status table, any other by the withdrawal table. A
    Flag's period ends. Patient, study and the order itself outlive the reports about them.
    """
    resource: dict[str, Any] = json.loads(content)
    kind = str(resource["resourceType"])
    if kind not in tables.withdrawals or (kind == "ServiceRequest" and resource.get("intent") == "order"):
        return None
    row = tables.statuses[status]
    over = status in (ReportStatus.CANCELLED, ReportStatus.ENTERED_IN_ERROR)
    by_report = {"Observation": row.observation, "Flag": row.flag, "ServiceRequest": row.request}
    resource["status"] = by_report.get(kind, tables.withdrawals[kind]) if over else tables.withdrawals[kind]
    if kind == "Flag" and when and when >= str(resource.get("period", {}).get("start", "")):
        resource.setdefault("period", {}).setdefault("end", when)
    return written(resource).decode()
