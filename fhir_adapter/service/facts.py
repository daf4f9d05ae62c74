"""
What worklists and statistics need to know of a report and its insights, taken from the resources that it became.

Resources speak in shifted time. A date when something is due must be a date in the calendar of the people who do it, so
it is shifted back here, where the report is still known; nothing else that identifies anyone is kept.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

from fhir_adapter.deid.keys import Keys
from fhir_adapter.emitters import evidence
from fhir_adapter.emitters.terminology import KINDS
from fhir_adapter.model.insight import FollowUp, Kind, Outcome, Urgency
from fhir_adapter.model.report import IdentifierRole, Moment, Report
from fhir_adapter.service.showing.statement import coded, statement

Resource = Mapping[str, Any]
_READERS = re.compile(r"OBR(\[\d+\])?-32|.*(resultsInterpreter|performer)")
_DATES = 10
_URGENCIES = frozenset(Urgency)


@dataclass(frozen=True, slots=True, kw_only=True)
class InsightFact:
    """One insight: the resource that it became, its kind, its sentence, and what it is counted by.

    `value` is what a measure or a score came to, `about` the code of the finding or the measure. Of a recommended
    follow-up, `wanted` is the modality that it asks for (empty if it says none), and `counts_from` the day from which
    on a later examination may be the one that was recommended: half way to the day when it is due.
    """

    type: str
    id: str
    kind: str
    statement: str
    about: str
    value: str
    urgency: str
    rule: str
    confidence: float | None
    due_from: date | None
    due_until: date | None
    wanted: str = ""
    counts_from: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportFact:
    """One report: whose (by the id of the pseudonymous Patient), what, where from, by whom, and when.

    `examined` is when the examination took place, `turnaround` how many minutes later the report was issued.
    """

    patient: str
    title: str
    modality: str
    sender: str
    reader: str
    examined: datetime | None
    turnaround: int | None
    communicated: int | None
    insights: tuple[InsightFact, ...]


def facts(outcome: Outcome, resources: Sequence[Resource], keys: Keys) -> ReportFact:
    """The facts of one report; `communicated` is minutes from the examination until someone was told, if it says."""
    report, safe = outcome.report, outcome.reading.report
    shift = _shift(report.service, safe.service)
    patient = next((str(one["id"]) for one in resources if one["resourceType"] == "Patient"), "")
    diagnostic = next((one for one in resources if one["resourceType"] == "DiagnosticReport"), {})
    told = [moment for one in resources if one["resourceType"] == "Communication"
            if (moment := instant(one.get("sent"))) is not None]
    start = instant(diagnostic.get("effectiveDateTime"))
    return ReportFact(
        patient=patient, title=str(diagnostic.get("code", {}).get("text", ""))[:200], modality=report.order.modality,
        sender=report.origin.sender[:200], reader=_reader(report, keys),
        examined=report.service.astimezone(UTC) if isinstance(report.service, datetime) else None,
        turnaround=_minutes(start, instant(diagnostic.get("issued"))),
        communicated=_minutes(start, min(told)) if told else None,
        insights=_insights(outcome, resources, shift))


def _insights(outcome: Outcome, resources: Sequence[Resource], shift: timedelta | None) -> tuple[InsightFact, ...]:
    asked, day = _asked(outcome), _day(outcome.report.service) if outcome.report.service else None
    found = []
    for one in resources:
        fact = _fact(one, shift)
        if fact is not None and fact.kind == Kind.FOLLOWUP_RECOMMENDATION:
            fact = replace(fact, wanted=asked.get(_words(one), ""), counts_from=_counts_from(day, fact))
        if fact is not None:
            found.append(fact)
    return tuple(found)


def _asked(outcome: Outcome) -> dict[tuple[str, str], str]:
    """The modality that each recommendation asks for, by the words that its ServiceRequest repeats."""
    text, out = outcome.reading.report.text, {}
    for one in outcome.insights:
        if isinstance(one.detail, FollowUp):
            wanted = one.detail.recommendation
            named = wanted.procedure_span.of(text) if wanted.procedure and wanted.procedure_span else ""
            out[" ".join(wanted.span.of(text).split()), " ".join(named.split())] = wanted.modality
    return out


def _words(request: Resource) -> tuple[str, str]:
    code = request.get("code", {})
    note = next((str(one.get("text", "")) for one in request.get("note", ())), "")
    return note, str(code.get("text", "")) if code.get("coding") else ""


def _counts_from(day: date | None, fact: InsightFact) -> date | None:
    """Half way from the examination to the day when its follow-up is due; the next day where that is not said."""
    if day is None:
        return None
    due = fact.due_from or fact.due_until
    return day + max((due - day) / 2 if due is not None else timedelta(), timedelta(days=1))


def _fact(resource: Resource, shift: timedelta | None) -> InsightFact | None:
    codes = [code for category in resource.get("category", ()) for code in category.get("coding", ())]
    kind = next((str(code["code"]) for code in codes if code.get("system") == KINDS), "")
    if not kind:
        return None
    urgency = next((str(code["code"]) for code in codes if code.get("code") in _URGENCIES), "")
    extensions = {one.get("url"): one for one in resource.get("extension", ())}
    value = next((str(one.get("code", "")) for one in resource.get("valueCodeableConcept", {}).get("coding", ())), "")
    period = resource.get("occurrencePeriod", {})
    proposed = resource["resourceType"] == "ServiceRequest" and kind == Kind.GUIDANCE
    return InsightFact(
        type=resource["resourceType"], id=resource["id"], kind="guidanceProposal" if proposed else kind,
        statement=statement(resource), about=(coded(resource.get("code")))[:200], value=value[:100], urgency=urgency,
        rule=str(extensions.get(evidence.RULE, {}).get("valueString", ""))[:200],
        confidence=extensions.get(evidence.CONFIDENCE, {}).get("valueDecimal"),
        due_from=_due(resource.get("occurrenceDateTime") or period.get("start"), shift),
        due_until=_due(resource.get("occurrenceDateTime") or period.get("end") or period.get("start"), shift))


def _due(value: object, shift: timedelta | None) -> date | None:
    """A date in shifted time as a date of the calendar; None where it is only a year, or the shift is not known."""
    if not isinstance(value, str) or len(value) < _DATES or shift is None:
        return None
    return date.fromisoformat(value[:_DATES]) + shift


def _shift(service: Moment | None, safe: Moment | None) -> timedelta | None:
    if service is None or safe is None:
        return None
    days = _day(service) - _day(safe)
    return timedelta(days=days.days)


def _day(moment: Moment) -> date:
    return moment.date() if isinstance(moment, datetime) else moment


def instant(value: object) -> datetime | None:
    """A time of a resource; None where there is none, or only a day."""
    try:
        moment = datetime.fromisoformat(str(value))
    except ValueError:
        return None
    return moment if moment.tzinfo is not None else None


def _minutes(start: datetime | None, end: datetime | None) -> int | None:
    return None if start is None or end is None else round((end - start).total_seconds() / 60)


def _reader(report: Report, keys: Keys) -> str:
    """A pseudonym for who read the images; empty where the message does not say."""
    for one in report.identifiers:
        if one.role is IdentifierRole.CLINICIAN and _READERS.match(one.where):
            return keys.pseudonym("reader", one.value)
    return ""
