"""Which things that a report finds are critical results, by mappings/insights/critical_results.yaml."""

import re
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from fhir_adapter.insights import places
from fhir_adapter.insights.examination import asked as ordered
from fhir_adapter.insights.hints import Sight
from fhir_adapter.insights.history import flat, reason
from fhir_adapter.insights.merging import unique
from fhir_adapter.insights.things import Thing, things
from fhir_adapter.model.insight import CriticalResult
from fhir_adapter.model.reading import Finding, Reading, RecommendationKind, SectionKind, Sentence
from fhir_adapter.model.span import Span
from fhir_adapter.tables.critical import Certainty, CriticalRow, CriticalTable

_TOLD = {SectionKind.FINDINGS, SectionKind.IMPRESSION, SectionKind.OTHER, SectionKind.ADDENDUM,
         SectionKind.RECOMMENDATION, SectionKind.COMMUNICATION}
# What denies or only asks for a phrase behind it.
_DENIED = re.compile(r"\b(?:no|not|without|never|negative for|rule[ds]? out|exclude\w*|evaluat\w+ for|if)\b"
                     r"[^.;,]{0,40}$", re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """One critical result of a report: its row, how sure the report is, and the mentions that say so.

    `ways` are all rows of its name that the report fulfils, the first one its row.
    """

    row: CriticalRow
    certainty: Certainty
    mentions: tuple[Finding, ...]
    ways: tuple[CriticalRow, ...] = ()

    @property
    def result(self) -> CriticalResult:
        """As an insight tells it; the surest mention speaks for all."""
        return CriticalResult(name=self.row.name, finding=self.mentions[0], within_minutes=self.row.within_minutes)


def results(reading: Reading, reported: Iterable[Finding], table: CriticalTable, sight: Sight, *,
            cancer: bool = False) -> tuple[Judged, ...]:
    """The critical results of a report and the findings that it makes itself, in the order of the table, each once.

    `sight` says which patterns may match in order or text, `cancer` that the patient has a known one. A thing belongs
    to the first row that it fulfils; what another row takes as a part of its result goes with it.
    """
    text = flat(reading.report.text)
    around = _Around(reading, text, sight, cancer=cancer)
    claimed: dict[str, list[Thing]] = {}
    told = (finding for finding in reported if finding.concept.code in table.of_concept)
    for whole in things(told, text, table.known):
        rest: Thing | None = whole
        for row in table.of_concept.get(whole.concept, ()):
            if rest and _fulfils(rest, row, around):
                mine, rest = _shared(rest, row, text)
                claimed.setdefault(row.id, []).append(mine)
    possible = (row for row in table.said if row.recommended or sight.allows(row.phrase))
    spoken = {row.id: said for row in possible if (said := tuple(_spoken(row, around)))}
    found: dict[str, list[Judged]] = {}
    for place in sorted(table.place[row] for row in {*claimed, *spoken}):
        row = table.rows[place]
        # Rows of the same name are different ways to the same result.
        found.setdefault(row.name, []).extend(_of_row(row, claimed.get(row.id, ()), spoken.get(row.id, ())))
    return tuple(_without_parts(tuple(map(_together, found.values()))))


class _Around:
    """What conditions are held against beside the mention: its sentence, and order and report as a whole."""

    def __init__(self, reading: Reading, text: str, sight: Sight, *, cancer: bool) -> None:
        self.reading, self.text, self.sight = reading, text, sight
        self.asked, self.cancer = reason(reading), cancer
        self.all = "\n".join((*ordered(reading), text))
        self._known: dict[str, bool] = {}

    def allows(self, row: CriticalRow) -> bool:
        """Whether order and report as a whole are such that the row may hold."""
        if row.id not in self._known:
            self._known[row.id] = not (
                (self.sight.allows(row.unless_asked) and row.unless_asked.search(self.asked))
                or (self.sight.allows(row.unless_anywhere) and row.unless_anywhere.search(self.all))
                or (row.context and not (self.sight.allows(row.context) and row.context.search(self.all))))
        return self._known[row.id]

    def sentence(self, span: Span) -> Sentence | None:
        """The sentence of the report's own words that a span stands in."""
        sentence = places.around(self.reading.sentences, span)
        return sentence if sentence and sentence.section in _TOLD else None


def _fulfils(thing: Thing, row: CriticalRow, around: _Around) -> bool:
    if thing.certainty < row.certainty or (row.fresh and not thing.fresh):
        return False
    if not _sized(thing, row) or not around.allows(row) or (row.unless_cancer and around.cancer):
        return False
    if row.unless and any(row.unless.search(s) for s in thing.sentences):
        return False
    return any(_holds(mention.span.of(around.text), sentence, row)
               for mention, sentence in zip(thing.mentions, thing.sentences, strict=True))


def _holds(words: str, sentence: str, row: CriticalRow) -> bool:
    return not (row.words and not row.words.search(words)) and not (row.sentence and not row.sentence.search(sentence))


def _shared(thing: Thing, row: CriticalRow, text: str) -> tuple[Thing, Thing | None]:
    """What a row takes of a thing, and what it leaves: one that asks for words takes only the mentions of these words.

    "Hemothorax" and "hemoperitoneum" are both a hemorrhage, and not the same one.
    """
    if row.words is None:
        return thing, None
    mine = [row.words.search(mention.span.of(text)) is not None for mention in thing.mentions]
    if all(mine):
        return thing, None
    return _some(thing, mine, taken=True), _some(thing, mine, taken=False)


def _some(thing: Thing, mine: Sequence[bool], *, taken: bool) -> Thing:
    kept = [n for n, is_mine in enumerate(mine) if is_mine is taken]
    return replace(thing, mentions=tuple(thing.mentions[n] for n in kept),
                   sentences=tuple(thing.sentences[n] for n in kept))


def _sized(thing: Thing, row: CriticalRow) -> bool:
    if not (row.at_least_mm or row.below_mm):
        return True
    if thing.diameter is None:
        return row.unmeasured or not row.at_least_mm
    return thing.diameter >= row.at_least_mm and not (row.below_mm and thing.diameter >= row.below_mm)


def _of_row(row: CriticalRow, claimed: Iterable[Thing], spoken: tuple[Finding, ...]) -> Iterator[Judged]:
    for thing in claimed:
        yield Judged(row=row, certainty=thing.certainty, mentions=thing.mentions)
    if spoken:
        yield Judged(row=row, certainty=Certainty.PRESENT, mentions=spoken)


def _spoken(row: CriticalRow, around: _Around) -> Iterator[Finding]:
    if row.recommended:
        yield from _asked(row, around)
    elif row.phrase:
        yield from _phrases(row.phrase, row, around)


def _phrases(phrase: re.Pattern[str], row: CriticalRow, around: _Around) -> Iterator[Finding]:
    """What the text says in a phrase of the row, as findings of the row's first concept."""
    for match in around.sight.finditer(phrase, around.text):
        span = Span(*match.span())
        sentence = around.sentence(span)
        if sentence and not _denied(span, sentence, around) and _said(row, sentence.span.of(around.text), around):
            yield Finding(concept=row.concepts[0], span=span, sentence=sentence, rule=f"critical_results.yaml {row.id}")


def _denied(span: Span, sentence: Sentence, around: _Around) -> bool:
    return _DENIED.search(around.text, sentence.span.start, span.start) is not None


def _asked(row: CriticalRow, around: _Around) -> Iterator[Finding]:
    """The procedures of the row that the report asks for, as findings of the row's first concept."""
    for wanted in around.reading.recommendations:
        words = wanted.span.of(around.text)
        if (wanted.kind is RecommendationKind.PROCEDURE and not (wanted.guideline or wanted.historical)
                and row.recommended and row.recommended.search(words) and _said(row, words, around)):
            yield Finding(concept=row.concepts[0], span=wanted.span, sentence=wanted.sentence,
                          rule=f"critical_results.yaml {row.id}")


def _said(row: CriticalRow, sentence: str, around: _Around) -> bool:
    return (not (row.sentence and not row.sentence.search(sentence))
            and not (row.unless and row.unless.search(sentence))
            and around.allows(row))


def _together(ways: Sequence[Judged]) -> Judged:
    """One result that was found in several ways; a surer one goes in front of those before it."""
    order = deque(ways[:1])
    for way in ways[1:]:
        if way.certainty > order[0].certainty:
            order.appendleft(way)
        else:
            order.append(way)
    mentions = unique(mention for way in order for mention in way.mentions)
    return Judged(row=ways[0].row, certainty=order[0].certainty, mentions=mentions,
                  ways=tuple(way.row for way in ways))


def _without_parts(judged: Sequence[Judged]) -> Iterator[Judged]:
    """Each result that is no part of another, with the mentions of its own parts."""
    taken = {part for j in judged for way in j.ways for part in way.takes}
    for whole in judged:
        if not all(way.id in taken for way in whole.ways):
            own = {part for way in whole.ways for part in way.takes}
            parts = [part for part in judged if all(way.id in own for way in part.ways)]
            mentions = unique(mention for one in (whole, *parts) for mention in one.mentions)
            yield replace(whole, mentions=mentions)
