"""A report or a message looked at without keeping it: what it would become, and why."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from fhir_adapter import readers
from fhir_adapter.errors import EngineError, MessageError
from fhir_adapter.issues import Issue
from fhir_adapter.model.insight import Outcome
from fhir_adapter.service.adapter import Adapter
from fhir_adapter.service.showing.message import Content, Told, content, told
from fhir_adapter.service.showing.report import ShownReport, shown

_MOST = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Tried:
    """One report as it would be, and the message that it came in where there was one."""

    report: ShownReport | None
    issues: tuple[Told, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """What was made of what was given; `given` is False before anything is. More than twenty reports are cut off."""

    given: bool
    issues: tuple[Told, ...] = ()
    content: Content | None = None
    reports: tuple[Tried, ...] = ()
    more: int = 0

    @property
    def status_code(self) -> int:
        """How HTTP says it: 422 for what cannot be taken."""
        return 422 if self.issues and not self.reports else 200


def worded(text: str, *, order: str = "", sex: str = "", age: str = "") -> bytes:
    """Plain words, and what is known of order and patient, as a message that is read like any other."""
    given: dict[str, Any] = {"text": text}
    if order.strip():
        given["order"] = {"text": order.strip()}
    patient = ({"sex": sex} if sex else {}) | ({"age": int(age)} if age.isdecimal() and len(age) < 4 else {})
    return json.dumps(given | ({"patient": patient} if patient else {}), ensure_ascii=False).encode()


def is_message(payload: bytes) -> bool:
    """Whether some reader knows these bytes, so that they are no mere words."""
    try:
        return bool(readers.choose(payload))
    except MessageError:
        return payload.lstrip().startswith((b"MSH", b"FHS", b"BHS", b"{", b"<"))


def trial(adapter: Adapter, payload: bytes) -> Trial:
    """What these bytes would become. Nothing is kept, and no log tells more than that it was asked."""
    outcomes: list[Outcome] = []
    refused: list[Issue] = []
    parts = readers.split(payload)
    for part in parts[:_MOST]:
        try:
            outcomes += adapter.convert(part)
        except (MessageError, EngineError) as error:
            refused += error.issues
    tried = tuple(_tried(one) for one in outcomes[:_MOST])
    return Trial(given=True, issues=tuple(told(one) for one in dict.fromkeys(refused)), reports=tried,
                 content=_content(adapter, parts, outcomes, refused),
                 more=len(parts) - _MOST if len(parts) > _MOST else len(outcomes) - len(tried))


def _tried(outcome: Outcome) -> Tried:
    entries = outcome.resources.bundle["entry"]
    assert isinstance(entries, list)
    resources = [(entry["resource"], 0) for entry in entries if isinstance(entry, dict)]
    issues = tuple(dict.fromkeys((*outcome.report.issues, *outcome.issues)))
    return Tried(report=shown(resources, paragraphs=outcome.reading.report.paragraphs),  # type: ignore[arg-type]
                 issues=tuple(told(one) for one in issues))


def _content(adapter: Adapter, parts: Sequence[bytes], outcomes: Sequence[Outcome],
             refused: Sequence[Issue]) -> Content | None:
    """The fields of a single message, without whom it is about; nothing for mere words."""
    if len(parts) != 1 or (outcomes and outcomes[0].report.origin.format not in ("hl7v2", "fhir")):
        return None
    issues = [*refused, *(issue for one in outcomes for issue in (*one.report.issues, *one.issues))]
    return content(parts[0], settings=adapter.settings, tables=adapter.tables, hidden=True,
                   unused=tuple(place for one in outcomes for place in one.report.unused),
                   wrong=[(one.where, one.code) for one in issues if one.where])
