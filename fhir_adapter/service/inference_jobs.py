"""
Jobs of the Radiology Insights API: asked with PUT, answered at once, known for a day to the client that asked.

A report takes milliseconds, so a job is done when its PUT is answered; what is kept is the answer, not the request.
The same request under the same id is answered from what is kept; another one is refused.
"""

import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from fhir_adapter.deid.keys import keys_of
from fhir_adapter.emitters.radiology_insights import error
from fhir_adapter.errors import EngineError, MessageError, UnreadableMessage
from fhir_adapter.issues import Issue
from fhir_adapter.model.insight import Outcome
from fhir_adapter.model.report import JSONObject
from fhir_adapter.readers.radiology_insights import VERSIONS, request
from fhir_adapter.service import inference
from fhir_adapter.service.adapter import Adapter
from fhir_adapter.settings import Settings
from fhir_adapter.store import inference_jobs
from fhir_adapter.store.database import Database
from fhir_adapter.store.inference_jobs import Answered

LIFETIME = timedelta(hours=24)
_ID = re.compile(r"[a-zA-Z0-9][a-zA-Z0-9_-]{1,34}[a-zA-Z0-9]")


@dataclass(frozen=True, slots=True, kw_only=True)
class Taken:
    """The job that a PUT made, or found (`fresh` is False)."""

    job: Answered
    fresh: bool


def put(database: Database, loaded: Adapter, payload: bytes, *, caller: str, name: str, version: str,
        seen: Callable[[Outcome], None] = lambda _: None) -> Taken:
    """Answer a job and keep the answer; it is on disk when this returns. `seen` hears of the report that was read.

    Raises UnreadableMessage (API-9xx) for a wrong request, MessageError (API-909) where the id names another request,
    StoreError where nothing could be kept.
    """
    check(name, version)
    asked = request(payload, settings=loaded.settings, tables=loaded.tables, version=version)
    owner, digest = _owner(caller, loaded.settings), _digest(payload, version, loaded.settings)
    now = datetime.now(UTC).replace(microsecond=0)
    with database.reading() as connection:
        known = inference_jobs.find(connection, owner, name, now=now)
    if known is None:
        try:
            outcome = inference.understood(asked, loaded)
            seen(outcome)
            end: JSONObject = {"status": "succeeded", "result": dict(inference.answer(outcome, asked, loaded))}
        except EngineError as fault:
            end = {"status": "failed", "error": dict(error("InternalServerError", fault.issues))}
        made = _job(owner, name, digest, now, end)
        with database.writing() as connection:
            known = inference_jobs.keep(connection, made, now=now)
        if known is made:
            return Taken(job=made, fresh=True)
    if known.digest != digest:
        raise MessageError(Issue.at("API-909", "id"))
    return Taken(job=known, fresh=False)


def get(database: Database, settings: Settings, *, caller: str, name: str, version: str) -> Answered:
    """The job of this id that this client made; MessageError (API-908) where there is none."""
    check(name, version)
    with database.reading() as connection:
        known = inference_jobs.find(connection, _owner(caller, settings), name, now=datetime.now(UTC))
    if known is None:
        raise MessageError(Issue.at("API-908", "id"))
    return known


def check(name: str, version: str) -> None:
    """Refuse an id or an api-version that is not of the contract: UnreadableMessage (API-906, API-907)."""
    if version not in VERSIONS:
        raise UnreadableMessage(Issue.at("API-906", "api-version"))
    if not _ID.fullmatch(name):
        raise UnreadableMessage(Issue.at("API-907", "id"))


def _job(owner: str, name: str, digest: str, now: datetime, end: JSONObject) -> Answered:
    expires = now + LIFETIME
    told = {"id": name, "createdAt": _instant(now), "expiresAt": _instant(expires), "updatedAt": _instant(now), **end}
    return Answered(owner=owner, id=name, digest=digest, created=now, expires=expires,
                    content=json.dumps(told, ensure_ascii=False))


def _instant(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")


def _owner(caller: str, settings: Settings) -> str:
    return keys_of(settings).pseudonym("inference owner", caller)


def _digest(payload: bytes, version: str, settings: Settings) -> str:
    """The same for the same JSON, however it is laid out."""
    plain = json.dumps(json.loads(payload), sort_keys=True, separators=(",", ":"))
    return keys_of(settings).pseudonym("inference request", f"{version}|{plain}")
