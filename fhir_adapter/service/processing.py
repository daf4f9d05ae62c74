"""
What a message means, ready to be written down: the work that needs the engine and no database.

Everything here can be sent between processes.
"""

from dataclasses import dataclass, field
from datetime import UTC, datetime
from hashlib import sha256
from uuid import uuid4

from fhir_adapter.deid.keys import keys_of
from fhir_adapter.emitters.acknowledgement import acknowledge, code_of
from fhir_adapter.emitters.written import written
from fhir_adapter.errors import EngineError, MessageError, TooLargeMessage
from fhir_adapter.issues import Issue
from fhir_adapter.model.insight import Outcome
from fhir_adapter.model.report import Moment, ReportStatus
from fhir_adapter.readers.hl7v2 import times
from fhir_adapter.service.adapter import Adapter
from fhir_adapter.service.facts import ReportFact, facts
from fhir_adapter.service.indexing import lookups
from fhir_adapter.service.intake import head_of
from fhir_adapter.service.lifecycle import Stamp
from fhir_adapter.settings import Settings
from fhir_adapter.store.lookups import Lookup
from fhir_adapter.store.states import State
from fhir_adapter.wire.modes import owed


@dataclass(frozen=True, slots=True, kw_only=True)
class MadeResource:
    """One resource as it will rest."""

    type: str
    id: str
    content: str
    digest: str
    lookups: tuple[Lookup, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class MadeReport:
    """One version of a report and its resources.

    `id` is that of its DiagnosticReport; `when` it was issued is in the shifted time in which the resources speak.
    """

    id: str
    when: str
    stamp: Stamp
    resources: tuple[MadeResource, ...]
    facts: ReportFact


@dataclass(frozen=True, slots=True, kw_only=True)
class Processed:
    """What became of a message. `later` is the application answer of enhanced mode, empty where none is owed."""

    state: State
    reports: tuple[MadeReport, ...] = ()
    issues: tuple[Issue, ...] = ()
    later_code: str = ""
    later: bytes = field(default=b"", repr=False)


def process(payload: bytes, adapter: Adapter) -> Processed:
    """Convert one message; never raises, whatever the message or the engine does."""
    try:
        outcomes = adapter.convert(payload)
        made = tuple(_made(outcome, payload, adapter) for outcome in outcomes)
    except (MessageError, EngineError) as error:
        return failure(payload, error)
    except Exception:  # what no one foresaw is our fault, and the message can be tried again
        return failure(payload, EngineError(Issue.at("NLP-400")))
    code, later = application_answer(payload, None)
    issues = tuple(issue for outcome in outcomes for issue in (*outcome.report.issues, *outcome.issues))
    return Processed(state=State.PROCESSED, reports=made, issues=tuple(dict.fromkeys(issues)), later_code=code,
                     later=later)


def failure(payload: bytes, error: MessageError | EngineError) -> Processed:
    """What is written down when a message cannot be processed."""
    code, later = application_answer(payload, error)
    state = State.FAILED if isinstance(error, EngineError | TooLargeMessage) else State.REJECTED
    return Processed(state=state, issues=error.issues, later_code=code, later=later)


def application_answer(payload: bytes, error: MessageError | EngineError | None) -> tuple[str, bytes]:
    """The application acknowledgement after processing, for senders that asked for one beside the accept answer."""
    head = head_of(payload)
    wanted = owed(head) if head is not None else None
    if wanted is None or wanted.original or wanted.accept in ("", "NE") or not wanted.applies(well=error is None):
        return "", b""
    code = code_of(error)
    return code, acknowledge(payload, error.issues if error else (), code=code,
                             now=datetime.now(UTC).replace(microsecond=0), control_id=uuid4().hex[:20])


def _made(outcome: Outcome, payload: bytes, adapter: Adapter) -> MadeReport:
    resources, said = [], []
    report = when = ""
    entries = outcome.resources.bundle["entry"]
    assert isinstance(entries, list)
    for entry in entries:
        assert isinstance(entry, dict)
        resource = entry["resource"]
        assert isinstance(resource, dict)
        content = written(resource)
        made = MadeResource(type=str(resource["resourceType"]), id=str(resource["id"]), content=content.decode(),
                            digest=sha256(content).hexdigest(), lookups=lookups(
                                resource, adapter.tables.results.elements.get(str(resource["resourceType"]), ())))
        if made.type == "DiagnosticReport":
            report, when = made.id, str(resource.get("issued") or resource.get("effectiveDateTime") or "")
        resources.append(made)
        said.append(resource)
    stamp = Stamp(issued=_iso(outcome.report.issued), sent=_iso(_sent(payload, adapter.settings)),
                  status=ReportStatus(outcome.report.status))
    return MadeReport(id=report, when=when, stamp=stamp, resources=tuple(resources),
                      facts=facts(outcome, said, keys_of(adapter.settings)))


def _sent(payload: bytes, settings: Settings) -> Moment | None:
    """When the message itself was made (MSH-7)."""
    head = head_of(payload)
    return times.moment(head.header.value(7), settings.timezone) if head is not None else None


def _iso(moment: Moment | None) -> str:
    if moment is None:
        return ""
    return moment.astimezone(UTC).isoformat() if isinstance(moment, datetime) else moment.isoformat()
