"""Tables for people: which there are, the rows of one, and what the tables make of a phrase or a message."""

from collections.abc import Iterator
from dataclasses import dataclass

from fhir_adapter import readers
from fhir_adapter.errors import EngineError, MessageError
from fhir_adapter.model.insight import Outcome
from fhir_adapter.service.adapter import Adapter
from fhir_adapter.service.showing.message import Told, told
from fhir_adapter.service.showing.trial import worded
from fhir_adapter.tables.catalogue import Part, TableFile, catalogue, parts

PAGE = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Mention:
    """What one table row recognised in a phrase: the words, what they are, how they are meant, and the row."""

    words: str
    what: str
    code: str
    meant: str
    rule: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TableList:
    """All tables, and what they made of a phrase or a message where one was given."""

    tables: tuple[TableFile, ...]
    phrase: str = ""
    mentions: tuple[Mention, ...] = ()
    asked: str = ""
    """`phrase` or `message`, empty where nothing was given."""
    message: str = ""
    issues: tuple[Told, ...] = ()
    conforms: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class TableView:
    """The rows of one table that hold some words, at most a page of each part; `total` counts all that do."""

    table: TableFile
    words: str
    total: int
    parts: tuple[Part, ...]


def listed(adapter: Adapter) -> TableList:
    """All tables."""
    return TableList(tables=catalogue(adapter.settings.tables_dir))


def table(adapter: Adapter, path: str, words: str = "") -> TableView | None:
    """One table; None where there is none of this path."""
    known = next((one for one in catalogue(adapter.settings.tables_dir) if one.path == path), None)
    if known is None:
        return None
    wanted = words.lower().split()
    found = [Part(name=one.name, columns=one.columns, rows=tuple(
        row for row in one.rows if all(word in " ".join(row).lower() for word in wanted)))
        for one in parts(path, adapter.settings.tables_dir)]
    return TableView(table=known, words=words, total=sum(len(one.rows) for one in found), parts=tuple(
        Part(name=one.name, columns=one.columns, rows=one.rows[:PAGE]) for one in found if one.rows))


def tried(adapter: Adapter, phrase: str) -> TableList:
    """What the tables recognise in a phrase, whether or not an insight comes of it."""
    try:
        outcomes = adapter.convert(worded(phrase)) if phrase.strip() else ()
    except (MessageError, EngineError) as error:
        return TableList(tables=catalogue(adapter.settings.tables_dir), phrase=phrase, asked="phrase",
                         issues=tuple(told(one) for one in error.issues))
    mentions = tuple(mention for one in outcomes for mention in _mentions(one))
    return TableList(tables=catalogue(adapter.settings.tables_dir), phrase=phrase, asked="phrase", mentions=mentions)


def judged(adapter: Adapter, message: str) -> TableList:
    """What in a message does not conform to the standard or to our profile."""
    payload = message.replace("\r\n", "\n").encode()
    try:
        issues = readers.choose(payload).validate(payload, settings=adapter.settings, tables=adapter.tables)
    except MessageError as error:
        issues = error.issues
    return TableList(tables=catalogue(adapter.settings.tables_dir), asked="message", message=message,
                     issues=tuple(told(one) for one in issues), conforms=not issues)


def _mentions(outcome: Outcome) -> Iterator[Mention]:
    reading = outcome.reading
    text = reading.report.text
    for finding in reading.findings:
        yield Mention(words=finding.span.of(text), what=finding.concept.display, code=finding.concept.code,
                      meant=finding.assertion.value, rule=finding.rule)
        for site in finding.sites:
            yield Mention(words=site.span.of(text), what=site.code.display, code=site.code.code, meant="site",
                          rule=site.rule)
    for wanted in reading.recommendations:
        yield Mention(words=wanted.cue.of(text), what="recommendation", code="", meant=wanted.kind.value,
                      rule=wanted.rule)
    for size in reading.measurements:
        yield Mention(words=size.span.of(text), what=size.quantity.value, code=size.unit, rule="measurements.yaml",
                      meant="now" if size.current else "before")
    for sex in reading.sexes:
        yield Mention(words=sex.span.of(text), what=f"implies {sex.sex.value}", code="", meant="sex", rule=sex.rule)
    for score in reading.scores:
        yield Mention(words=score.span.of(text), what=score.system, code=score.value, meant="score", rule=score.rule)
    for spoken in reading.communications:
        yield Mention(words=spoken.span.of(text), what="communication", code="", rule=spoken.rule,
                      meant="acknowledged" if spoken.acknowledged else "sent")
