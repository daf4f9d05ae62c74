"""The engine: all phrases of the tables in one compiled matcher, sentences and scopes of our own."""

from collections.abc import Sequence
from dataclasses import replace
from itertools import chain, repeat
from operator import itemgetter
from typing import Any

from fhir_adapter import __version__
from fhir_adapter.errors import EngineError
from fhir_adapter.issues import Issue
from fhir_adapter.model.reading import Reading, Sentence
from fhir_adapter.model.safe import SafeReport
from fhir_adapter.nlp import compose, marks, page, scopes, sections, sentences
from fhir_adapter.nlp.mentions import Mention, Modifier
from fhir_adapter.scan import Folded, Match, Matcher, Phrase, fold, longest
from fhir_adapter.settings import Settings
from fhir_adapter.tables.language import LanguageTables

Inner = dict[int, list[scopes.Target]]

_MEANT = {"FINDING", "DEVICE", "SITE"}  # a modality or procedure is named, not meant
_TARGETS, _SITES, _CUES, _MARKS = range(4)
_START = itemgetter(0)


class CompiledEngine:
    """An `Engine` without state between reports; threads may share it."""

    def __init__(self, settings: Settings, tables: LanguageTables) -> None:
        self._tables = tables
        self._limit = settings.max_text_characters
        self._matcher: Matcher[Any] = Matcher(chain(
            (Phrase(text=row.literal, value=row, case=row.case, group=_SITES if row.category == "SITE" else _TARGETS)
             for row in tables.targets),
            (Phrase(text=row.literal, value=row, group=_CUES) for row in tables.context),
            marks.phrases(tables, _MARKS)))
        self.name = f"fhir-adapter compiled {__version__}"

    def read(self, safe: SafeReport) -> Reading:
        """Everything that the text says; an EngineError (NLP-400) without any of the text if something fails."""
        text: str = safe.text
        issues: tuple[Issue, ...] = ()
        if len(text) > self._limit:
            text, issues = text[: self._limit], (Issue.at("NLP-403", "text"),)
        try:
            parts = sections.split(text, self._tables.sections)
            spans = sentences.split(text, parts)
            folded = fold(text)
            targets, sites, cues, marked = self._matcher.groups(folded)
            flat = page.beginnings(folded, spans)
            mentions = _mentions(folded, spans, flat, _settled(targets, sites), scopes.settle(cues))
            reading = compose.reading(safe, page.made(folded, spans, flat, marked), parts, mentions, self._tables)
        except Exception:  # a message of whatever fails may quote the text
            raise EngineError(Issue.at("NLP-400", "text")) from None
        return replace(reading, issues=issues + reading.issues) if issues else reading


def _mentions(folded: Folded, spans: Sequence[Sentence], flat: Sequence[int],
              settled: tuple[list[scopes.Target], Inner], cues: Sequence[scopes.Cue]) -> list[list[Mention]]:
    """The mentions of each sentence, of which `flat` are the beginnings, with the cues that bear on them."""
    targets, inner = settled
    out: list[list[Mention]] = [[] for _ in spans]
    target = cue = 0
    for sentence, start, mentions in zip(spans, flat, out, strict=True):
        target = first = _from(targets, target, start)
        if target == len(targets):
            break
        end = folded.flat_place(sentence.span.end)
        while target < len(targets) and targets[target].end <= end:
            target += 1
        if target == first:
            continue
        local = targets[first:target]
        cue = first = _from(cues, cue, start)
        while cue < len(cues) and cues[cue].end <= end:
            cue += 1
        bearing = scopes.link(folded.flat, start, end, local, cues[first:cue]) if cue > first else repeat(())
        for found, modifiers in zip(local, bearing, strict=False):
            row = found.value
            if row.category != "IGNORED":
                mentions.append(Mention(
                    row, folded.span(found.start, found.end),
                    tuple([Modifier(said.value.category, folded.span(said.start, said.end)) for said in modifiers])
                    if modifiers and row.category in _MEANT else (),
                    tuple([Mention(site.value, folded.span(site.start, site.end)) for site in inner[found.start]])
                    if found.start in inner else ()))
    return out


def _from(matches: Sequence[Match[Any]], number: int, start: int) -> int:
    """The number of the first match from `number` on that begins at `start` or later."""
    while number < len(matches) and matches[number].start < start:
        number += 1
    return number


def _settled(targets: Sequence[scopes.Target], sites: Sequence[scopes.Target]) -> tuple[list[scopes.Target], Inner]:
    """The targets without overlaps, in order, findings before sites; and the sites inside findings, by their start."""
    kept = longest(targets)
    free: list[scopes.Target] = []
    inner: Inner = {}
    following = 0
    for site in longest(sites):
        while following < len(kept) and kept[following].end <= site.start:
            following += 1
        if following == len(kept) or kept[following].start >= site.end:
            free.append(site)
        elif kept[following].value.category == "FINDING":
            inner.setdefault(kept[following].start, []).append(site)
    return sorted(kept + free, key=_START), inner
