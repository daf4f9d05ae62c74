"""
Play messages again: convert them here and compare with what is expected, or send them, at a pace.

Nothing leaves without being asked for: a replay converts and compares, and only `send` sends.
"""

import json
import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from xml.etree import ElementTree

from fhir_adapter import readers
from fhir_adapter.errors import DeliveryError, EngineError, MessageError
from fhir_adapter.readers.hl7v2 import times
from fhir_adapter.service.adapter import Adapter
from fhir_adapter.service.intake import head_of
from fhir_adapter.transport.sender import Channel


class Verdict(StrEnum):
    """How a played message compares with what was expected, or how its receiver took it."""

    SAME = "same"
    CHANGED = "changed"
    NEW = "new"
    FAILED = "failed"
    SENT = "sent"
    REFUSED = "refused"
    UNREACHABLE = "unreachable"

    @property
    def well(self) -> bool:
        """Whether nothing needs attention."""
        return self in (Verdict.SAME, Verdict.NEW, Verdict.SENT)


@dataclass(frozen=True, slots=True, kw_only=True)
class Played:
    """One message: its name, the verdict and why, and the seconds that it took."""

    name: str
    verdict: Verdict
    why: str = ""
    seconds: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Pace:
    """How fast to play: so many a second, or at a multiple of the pace of MSH-7; neither is as fast as possible."""

    rate: float | None = None
    speed: float | None = None


def paced(messages: Iterable[tuple[str, bytes]], pace: Pace, zone: str) -> Iterator[tuple[str, bytes]]:
    """The messages, each when its time has come."""
    begun, first = time.monotonic(), None
    for number, (name, message) in enumerate(messages):
        wait = 0.0
        if pace.rate:
            wait = number / pace.rate
        elif pace.speed:
            sent = _sent(message, zone)
            first = first or sent
            wait = (sent - first).total_seconds() / pace.speed if sent and first else 0.0
        time.sleep(max(0.0, begun + wait - time.monotonic()))
        yield name, message


def _sent(message: bytes, zone: str) -> datetime | None:
    head = head_of(message)
    moment = times.moment(head.header.value(7), zone) if head is not None else None
    return moment if isinstance(moment, datetime) else None


def compare(name: str, message: bytes, expected: Path | None, adapter: Adapter) -> Played:
    """Convert one message here and hold it against `<expected>/<name>.json`, a bundle or a list of bundles."""
    begun = time.monotonic()
    try:
        bundles = [dict(outcome.resources.bundle) for part in readers.split(message)
                   for outcome in adapter.convert(part)]
    except (MessageError, EngineError) as error:
        return Played(name=name, verdict=Verdict.FAILED, why=" ".join(issue.code for issue in error.issues),
                      seconds=time.monotonic() - begun)
    seconds = time.monotonic() - begun
    twin = expected / f"{Path(name).stem}.json" if expected is not None else None
    if twin is None or not twin.exists():
        return Played(name=name, verdict=Verdict.NEW, why=f"{len(bundles)} reports", seconds=seconds)
    wanted = json.loads(twin.read_text(encoding="utf-8"))
    if bundles == (wanted if isinstance(wanted, list) else [wanted]):
        return Played(name=name, verdict=Verdict.SAME, seconds=seconds)
    return Played(name=name, verdict=Verdict.CHANGED, why=_difference(bundles, wanted), seconds=seconds)


def _difference(made: Sequence[object], wanted: object) -> str:
    """Which resources differ, by type and number only."""
    def entries(bundles: Sequence[object]) -> dict[str, str]:
        out: dict[str, str] = {}
        for bundle in bundles:
            for entry in bundle.get("entry", []) if isinstance(bundle, dict) else []:
                resource = entry.get("resource", {})
                out[f"{resource.get('resourceType')}/{resource.get('id')}"] = json.dumps(resource, sort_keys=True)
        return out

    mine, theirs = entries(made), entries(wanted if isinstance(wanted, list) else [wanted])
    counts: dict[str, int] = {}
    for key in mine.keys() | theirs.keys():
        if mine.get(key) != theirs.get(key):
            what = "more" if key not in theirs else "fewer" if key not in mine else "other"
            label = f"{key.partition('/')[0]} {what}"
            counts[label] = counts.get(label, 0) + 1
    return ", ".join(f"{number} {label}" for label, number in sorted(counts.items())) or "their order"


def send(name: str, message: bytes, to: Channel) -> Played:
    """Send one message and say how its receiver took it."""
    begun = time.monotonic()
    try:
        answer = to.send(message)
    except DeliveryError as error:
        return Played(name=name, verdict=Verdict.UNREACHABLE, why=str(error), seconds=time.monotonic() - begun)
    return Played(name=name, verdict=Verdict.SENT if answer.accepted else Verdict.REFUSED,
                  why=" ".join((answer.code, *answer.reasons)), seconds=time.monotonic() - begun)


def junit(played: Iterable[Played]) -> bytes:
    """The run as a JUnit file, for build servers."""
    cases = list(played)
    suite = ElementTree.Element("testsuite", name="fhir-adapter replay", tests=str(len(cases)),
                                failures=str(sum(not one.verdict.well for one in cases)))
    for one in cases:
        case = ElementTree.SubElement(suite, "testcase", name=one.name, time=f"{one.seconds:.3f}")
        if not one.verdict.well:
            ElementTree.SubElement(case, "failure", message=f"{one.verdict} {one.why}".strip())
    return bytes(ElementTree.tostring(suite, encoding="utf-8", xml_declaration=True))
