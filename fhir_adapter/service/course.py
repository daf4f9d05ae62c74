"""
A patient's course by pseudonym: the reports over time, and the lesions that were measured more than once.

Times are those of the resources, shifted by the same whole weeks for all of a patient, so that every interval is exact.
A lesion is told from others by what it is, where and on which side. Growth is told for the longest diameter; a volume
doubling time only where two sizes of a lesion of the lung are at least 90 days apart and the later one is larger
(Schwartz 1961: VDT = days × ln 2 / (3 × ln(d2 / d1)) for a sphere).
"""

import json
import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from fhir_adapter.model.insight import Kind
from fhir_adapter.service.facts import instant
from fhir_adapter.service.messages import NotThere
from fhir_adapter.service.showing.statement import coded, statement
from fhir_adapter.store import facts, reports
from fhir_adapter.store.database import Database

_MILLIMETRES = {"mm": Decimal(1), "cm": Decimal(10)}
_SIZE = "246115007"
_SIDE = "272741003"
_LUNG = ("lung", "pulmonary")
_APART_DAYS = 90
Resource = Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Size:
    """One measurement of a lesion: its longest diameter in millimetres, when, and the message that tells it."""

    at: datetime
    millimetres: float
    words: str
    message: str
    observation: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Lesion:
    """One lesion over time. `growth` is the change from the first to the last size in percent.

    `doubling_days` is None where it is not defined.
    """

    name: str
    sizes: tuple[Size, ...]
    growth: float | None
    doubling_days: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Visit:
    """One report of a patient: what was found critical or recommended, in sentences."""

    at: datetime | None
    title: str
    modality: str
    status: str
    message: str
    told: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Course:
    """A patient's reports, the latest first, and lesions, those measured most often first."""

    patient: str
    visits: tuple[Visit, ...]
    lesions: tuple[Lesion, ...]


def course(database: Database, patient: str) -> Course:
    """The course of a patient. Raises NotThere where no report is about one of this id."""
    with database.reading() as connection:
        rows = facts.of_patient(connection, patient)
        resources = {row.report: [json.loads(one.content) for one in reports.resources(connection, row.report)]
                     for row in rows}
    if not rows:
        raise NotThere
    visits: list[Visit] = []
    sizes: dict[str, list[Size]] = {}
    for row in rows:
        some = resources[row.report]
        diagnostic: Resource = next((one for one in some if one["resourceType"] == "DiagnosticReport"), {})
        at = instant(diagnostic.get("effectiveDateTime") or diagnostic.get("issued"))
        visits.append(Visit(at=at, title=row.title, modality=row.modality, status=str(diagnostic.get("status", "")),
                            message=row.message, told=tuple(_told(some))))
        for name, size in _sizes(some, at, row.message):
            sizes.setdefault(name, []).append(size)
    lesions = sorted((_lesion(name, some) for name, some in sizes.items()), key=lambda one: (-len(one.sizes), one.name))
    return Course(patient=patient, visits=tuple(reversed(visits)), lesions=tuple(lesions))


def _told(resources: Sequence[Resource]) -> Iterator[str]:
    for one in resources:
        proposed = one["resourceType"] == "ServiceRequest" and one.get("intent") == "proposal"
        if proposed and _is(one, Kind.GUIDANCE):
            yield coded(one.get("code"))  # without the guideline's title, which stands beside the report
        elif proposed or (one["resourceType"] == "Flag" and one.get("status") == "active"):
            yield statement(one)


def _sizes(resources: Sequence[Resource], at: datetime | None, message: str) -> Iterator[tuple[str, Size]]:
    """The present sizes of findings, each with the name of its lesion, one a lesion: the longest."""
    found: dict[str, Size] = {}
    for one in resources:
        if at is None or one["resourceType"] != "Observation" or not _is_finding(one):
            continue
        lengths = [length for component in one.get("component", ()) if (length := _length(component)) is not None]
        if not lengths:
            continue
        name, longest = _name(one), max(lengths)
        size = Size(at=at, millimetres=float(longest), words=str(one.get("code", {}).get("text", "")), message=message,
                    observation=one["id"])
        if name not in found or found[name].millimetres < size.millimetres:
            found[name] = size
    yield from found.items()


def _is_finding(one: Resource) -> bool:
    return _is(one, Kind.FINDING) and one.get("status") in (
        "final", "amended", "corrected", "preliminary", "registered")


def _is(one: Resource, kind: Kind) -> bool:
    return any(code.get("code") == kind for category in one.get("category", ()) for code in category.get("coding", ()))


def _length(component: Resource) -> Decimal | None:
    """A size of now in millimetres; a prior one is marked by an interpretation."""
    if "interpretation" in component or not _has(component.get("code"), _SIZE):
        return None
    quantity = component.get("valueQuantity", {})
    factor = _MILLIMETRES.get(str(quantity.get("code", "")))
    return None if factor is None else Decimal(str(quantity.get("value", 0))) * factor


def _name(one: Resource) -> str:
    side = next((coded(component.get("valueCodeableConcept")).lower() for component in one.get("component", ())
                 if _has(component.get("code"), _SIDE)), "")
    site = coded(one.get("bodySite")).lower()
    where = " ".join(filter(None, (side, site)))
    return f"{coded(one.get('code'))}, {where}" if where else coded(one.get("code"))


def _lesion(name: str, sizes: Sequence[Size]) -> Lesion:
    first, last = sizes[0], sizes[-1]
    days = (last.at - first.at).days
    growth = 100 * (last.millimetres / first.millimetres - 1) if len(sizes) > 1 and first.millimetres else None
    doubling = None
    if growth is not None and growth > 0 and days >= _APART_DAYS and any(word in name.lower() for word in _LUNG):
        doubling = round(days * math.log(2) / (3 * math.log(last.millimetres / first.millimetres)))
    return Lesion(name=name, sizes=tuple(sizes), growth=growth, doubling_days=doubling)


def _has(concept: Resource | None, code: str) -> bool:
    return any(one.get("code") == code for one in (concept or {}).get("coding", ()))
