"""What became of a message that a client handed over and asks for later."""

import json
from dataclasses import dataclass
from typing import Any

from fhir_adapter.issues import Issue, Severity
from fhir_adapter.store import messages, results, search
from fhir_adapter.store.database import Database
from fhir_adapter.store.states import State


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """Its state, its issues, and the resources that its reports show now."""

    state: State
    issues: tuple[Issue, ...]
    resources: tuple[dict[str, Any], ...]


def job(database: Database, name: str) -> Job | None:
    """The job of a message, None where there is no such message."""
    with database.reading() as connection:
        row = messages.find(connection, name)
        if row is None:
            return None
        issues = search.issues_of(connection, row.seq)
        reports = [report for report, *_ in search.results_of(connection, row.seq)]
        found = results.current_resources(connection, reports, ())
    return Job(state=State(row.state), resources=tuple(json.loads(one.content) for one in found),
               issues=tuple(Issue(code=code, where=place, severity=Severity(severity))
                            for code, severity, place in issues))
