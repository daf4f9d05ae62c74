"""A `Report` becomes a `SafeReport`: the only way to make one."""

from dataclasses import replace
from datetime import date, datetime, timedelta
from functools import cache

from fhir_adapter.deid import residue
from fhir_adapter.deid.identity import Identity, identity_of
from fhir_adapter.deid.recognisers.context import Known
from fhir_adapter.deid.surrogates import Names, Surrogates
from fhir_adapter.deid.text import Scrubbed, scrub_text
from fhir_adapter.issues import Issue
from fhir_adapter.model.offsets import OffsetMap
from fhir_adapter.model.report import Age, AgeUnit, Moment, Paragraph, Report
from fhir_adapter.model.safe import Mode, SafePatient, SafeReport, SafeStudy, SafeText
from fhir_adapter.settings import Settings
from fhir_adapter.tables import Tables

_OLDEST = 90


def scrub(report: Report, *, settings: Settings, tables: Tables) -> SafeReport:
    """Hide who the report is about, as far as the mode in the settings says.

    Raises EngineError (OUT-520) if an identifier is left after everything; ConfigurationError without a key.
    """
    with identity_of(settings) as identity:
        return _scrubbed(report, identity, settings, tables)


def _scrubbed(report: Report, identity: Identity, settings: Settings, tables: Tables) -> SafeReport:
    patient_key = report.patient.key or report.origin.identity
    hides = identity.mode is not Mode.TRUSTED
    issues = report.issues if report.patient.key else (*report.issues, Issue.at("OUT-522", "PID-3"))
    days = identity.shift(patient_key)
    names = Names.of(identity, report.identifiers, tables.deid) if settings.surrogates == "names" else None
    surrogates = Surrogates(names)
    near = _day(report.service)
    known = Known.of(report.identifiers if hides else (), tables.deid)

    @cache
    def clean(text: str) -> Scrubbed:
        if not hides or not text:
            return Scrubbed(text=text, offsets=OffsetMap(), replacements=())
        return scrub_text(text, known, days=days, near=near, tables=tables.deid, surrogates=surrogates)

    done, ordered, reason = clean(report.text), clean(report.order.text), clean(report.order.reason)
    display = clean(report.order.code.display).text if report.order.code else ""
    if hides:
        leaks = residue.leaks_of((report.text, report.order.text, report.order.reason),
                                 (report.patient.birth_date, near), (days,))
        residue.check((done.text, ordered.text, reason.text), report.identifiers, tables.deid, leaks)
    code = replace(report.order.code, display=display) if report.order.code else None

    def number(value: str) -> str:
        return identity.pseudonym("request", value) if value else ""

    return SafeReport(
        text=SafeText(done.text),
        offsets=done.offsets,
        pseudonym=identity.pseudonym("report", report.origin.identity),
        patient=SafePatient(pseudonym=identity.pseudonym("patient", patient_key), sex=report.patient.sex,
                            age=_age(report)),
        order=replace(report.order, text=ordered.text, reason=reason.text, code=code,
                      placer_number=number(report.order.placer_number),
                      filler_number=number(report.order.filler_number)),
        study=SafeStudy(uid=identity.uid(report.study.uid), accession=number(report.study.accession),
                        modality=report.study.modality or report.order.modality,
                        series=tuple(identity.uid(uid) for uid in report.study.series),
                        started=moved(report.study.started, days)),
        status=report.status,
        service=moved(report.service, days),
        issued=moved(report.issued, days),
        mode=identity.mode,
        year=near.year if near else None,
        paragraphs=tuple([Paragraph(span=done.offsets.to_safe(p.span), source=p.source, section=p.section)
                          for p in report.paragraphs]),
        replacements=done.replacements,
        format=report.origin.format,
        version=report.origin.version,
        issues=issues,
    )


def moved(moment: Moment | None, days: int | None) -> Moment | None:
    """A moment some days later, its time of day and offset as they were.

    None where the calendar ends, or where `days` is None and no day may be told.
    """
    try:
        return None if moment is None or days is None else moment + timedelta(days=days)
    except OverflowError:
        return None


def _day(moment: Moment | None) -> date | None:
    return moment.date() if isinstance(moment, datetime) else moment


def _age(report: Report) -> Age | None:
    birth, day = report.patient.birth_date, _day(report.service)
    if birth is None or day is None or birth > day:
        stated = report.patient.age
        return stated if stated is None or stated.value < _OLDEST else Age(value=_OLDEST, at_least=True)
    months = (day.year - birth.year) * 12 + day.month - birth.month - (day.day < birth.day)
    if months >= _OLDEST * 12:
        return Age(value=_OLDEST, at_least=True)
    if months >= 24:
        return Age(value=months // 12)
    if months >= 1:
        return Age(value=months, unit=AgeUnit.MONTHS)
    return Age(value=(day - birth).days, unit=AgeUnit.DAYS)
