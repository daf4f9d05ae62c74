"""
Fetch reports from FHIR servers, with what they refer to, and take them in like messages.

What is wanted comes from notifications, from events that were missed (`$events`) and from asking, at every look, what
changed since the last (`_lastUpdated`). A look begins a minute before the end of the one before, because a server's
resources do not become visible in the order of their times; what is known in its version is not fetched again.
"""

import json
import logging
import random
import re
import threading
from collections.abc import Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Any
from urllib.parse import urlencode

from fhir_adapter.errors import DeliveryError, Refused, StoreError
from fhir_adapter.model.report import JSONObject
from fhir_adapter.service.fhir_server import Connection
from fhir_adapter.service.intake import Intake
from fhir_adapter.service.logs import tell
from fhir_adapter.service.patience import pause
from fhir_adapter.service.sources.notified import understood
from fhir_adapter.service.sources.references import referred
from fhir_adapter.store import lookups, sources
from fhir_adapter.store.only import the_one
from fhir_adapter.store.schema import AnyRow

_OVERLAP = timedelta(minutes=1)
_A_PAGE, _A_TURN = 100, 50
_ID = re.compile(r"[A-Za-z0-9.-]{1,64}")
_GONE = (404, 410)
_CLOSED = (401, 403, *_GONE)


class Fetcher:
    """Works until `stop()`, in a thread of its own; one process a database does it."""

    def __init__(self, intake: Intake, *, look_seconds: float = 0.5) -> None:
        """Raises ConfigurationError for a key or certificate of a source that cannot be read."""
        self._intake, self._look = intake, look_seconds
        self._connections = {server.name: Connection(server) for server in intake.settings.fhir_servers
                             if server.source}
        self._stopping = threading.Event()

    def stop(self) -> None:
        """Begin nothing new; `run` returns when what is under way has ended."""
        self._stopping.set()

    def run(self) -> None:
        """Fetch until stopped."""
        if not self._connections:
            self._stopping.wait()
            return
        while not self._stopping.is_set():
            self._run()

    def _run(self) -> None:
        running: dict[str, Future[None]] = {}
        with ExitStack() as stack:
            hold = stack.enter_context(the_one(self._intake.database, "fetcher", self._stopping))
            if hold is None:
                return
            threads = stack.enter_context(ThreadPoolExecutor(len(self._connections), thread_name_prefix="fetch"))
            while not self._stopping.is_set() and hold.still():
                for name in self._connections:
                    if name not in running or running[name].done():
                        running[name] = threads.submit(self._serve, name)
                self._stopping.wait(self._look)

    def _serve(self, name: str) -> None:
        try:
            now = datetime.now(UTC)
            with self._intake.database.writing() as connection:
                sources.begin(connection, name, now)
                row = sources.find(connection, name)
            if row is not None and (row.due is None or row.due <= now):
                self._ask(row)
            with self._intake.database.reading() as connection:
                wanted = sources.wanted(connection, name, datetime.now(UTC), _A_TURN)
            for report in wanted:
                if self._stopping.is_set():
                    return
                self._fetch(report)
        except StoreError as error:
            tell("store out of reach", level=logging.ERROR, code=error.issues[0].code)
        except Exception as error:  # whatever it was, the source is looked at again
            tell("fetching failed", level=logging.ERROR, code="NET-604", exception=type(error).__name__)
            self._note(name, {"due": datetime.now(UTC) + pause(10, random.random())})  # noqa: S311 - spreads tries

    def _ask(self, row: AnyRow) -> None:
        """Ask a source for what was not notified."""
        server = self._connections[row.name].server
        try:
            self._fill_gaps(row.name)
            newest = self._search(row)
        except DeliveryError as error:
            wait = pause(row.failures + 1, random.random())  # noqa: S311 - only spreads tries
            self._note(row.name, {"failures": row.failures + 1, "code": str(error), "due": datetime.now(UTC) + wait})
            return
        self._note(row.name, {"failures": 0, "code": "", "since": newest,
                              "due": datetime.now(UTC) + timedelta(seconds=server.look_seconds)})

    def _fill_gaps(self, name: str) -> None:
        with self._intake.database.reading() as connection:
            missing = sources.gaps(connection, name)
        for gap in missing:
            try:
                bundle = self._connections[name].get(
                    f"Subscription/{gap.subscription}/$events?"
                    + urlencode({"eventsSinceNumber": gap.missing, "eventsUntilNumber": gap.events}))
            except Refused:
                bundle = {"resourceType": "Bundle"}  # a server without $events: the search finds what was missed
            told, now = understood(json.dumps(bundle).encode()), datetime.now(UTC)
            with self._intake.database.writing() as connection:
                for report in told.reports:
                    sources.want(connection, name, report, now)
                sources.missed(connection, name, gap.subscription, 0)

    def _search(self, row: AnyRow) -> datetime:
        """Put down what changed since the last look; until when everything is known now."""
        since = (row.since - _OVERLAP).isoformat(timespec="milliseconds").replace("+00:00", "Z")
        path = "DiagnosticReport?" + urlencode({"_lastUpdated": f"ge{since}", "_sort": "_lastUpdated",
                                                "_count": _A_PAGE})
        newest: datetime = row.since
        while path and not self._stopping.is_set():
            page = self._connections[row.name].get(path)
            now = datetime.now(UTC)
            with self._intake.database.writing() as connection:
                for resource in _reports(page):
                    sources.want(connection, row.name, resource["id"], now, version_of(resource))
                    newest = max(newest, _updated(resource) or newest)
            path = _next(page)
        return newest

    def _fetch(self, row: AnyRow) -> None:
        with self._intake.database.reading() as connection:
            ours = lookups.named(connection, [("DiagnosticReport", row.id)])
        if ours:
            # A server may be target and source: what we made ourselves is no report to read.
            self._settle(row, row.version)
            return
        try:
            bundle = self._whole(row)
        except DeliveryError as error:
            if error.status in _GONE:
                self._settle(row, row.version)  # it is gone, or there never was one
                return
            # Whatever else the server says against it may be mended: the report stays wanted.
            due = datetime.now(UTC) + pause(row.failures + 1, random.random())  # noqa: S311 - only spreads tries
            with self._intake.database.writing() as connection:
                sources.postpone(connection, row, code=str(error), due=due)
            return
        if bundle is None:
            self._settle(row, row.version)
            return
        report: Mapping[str, Any] = bundle["entry"][0]["resource"]  # type: ignore[index,call-overload,assignment]
        version = version_of(report)
        judged = self._intake.judge(json.dumps(bundle, ensure_ascii=False).encode(), channel="subscription")
        judged = replace(judged, new=replace(judged.new, sender=f"fhir:{row.source}",
                                             control_id=f"DiagnosticReport/{row.id}/{version}"))
        with self._intake.database.writing() as connection:
            self._intake.keep(connection, [judged])
            sources.settle(connection, row, version)

    def _whole(self, row: AnyRow) -> JSONObject | None:
        """A report with what it refers to, as a collection; None where it was taken in this version already."""
        server = self._connections[row.source]
        report = server.get(f"DiagnosticReport/{row.id}")
        if version_of(report) == row.version:
            return None
        base = server.server.address.rstrip("/")
        resources = {f"DiagnosticReport/{row.id}": report}
        for path in referred(report, base):
            try:
                resources.setdefault(path, server.get(path))
            except DeliveryError as error:
                # What we may not see or what is not there cannot be had by waiting; the report goes on without it.
                if error.status not in _CLOSED:
                    raise
        return {"resourceType": "Bundle", "type": "collection",
                "entry": [{"fullUrl": f"{base}/{path}", "resource": dict(one)} for path, one in resources.items()]}

    def _settle(self, row: AnyRow, version: str) -> None:
        with self._intake.database.writing() as connection:
            sources.settle(connection, row, version)

    def _note(self, name: str, values: dict[str, object]) -> None:
        with self._intake.database.writing() as connection:
            sources.change(connection, name, values)


def version_of(resource: Mapping[str, Any]) -> str:
    """By what a version of a resource is known: its number, else its time, else a digest of all of it."""
    meta = resource.get("meta")
    told = (meta.get("versionId") or meta.get("lastUpdated")) if isinstance(meta, dict) else None
    return str(told)[:64] if told else sha256(json.dumps(resource, sort_keys=True).encode()).hexdigest()


def _updated(resource: Mapping[str, Any]) -> datetime | None:
    try:
        moment = datetime.fromisoformat(str(resource["meta"]["lastUpdated"]))
    except (KeyError, TypeError, ValueError):
        return None
    return moment if moment.tzinfo else None


def _next(bundle: JSONObject) -> str:
    """The address of the next page; empty where this is the last."""
    links = bundle.get("link", ())
    some = [link for link in links if isinstance(link, dict)] if isinstance(links, list) else []
    return next((str(link["url"]) for link in some if link.get("relation") == "next" and "url" in link), "")


def _reports(bundle: JSONObject) -> list[Mapping[str, Any]]:
    entries = bundle.get("entry", ())
    some = [entry.get("resource") for entry in entries if isinstance(entry, dict)] if isinstance(entries, list) else []
    return [one for one in some if isinstance(one, dict) and one.get("resourceType") == "DiagnosticReport"
            and isinstance(one.get("id"), str) and _ID.fullmatch(str(one["id"]))]
