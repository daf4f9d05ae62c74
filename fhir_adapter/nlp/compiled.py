"""The engine: all phrases of the tables in one compiled matcher, sentences and scopes of our own."""

from collections.abc import Iterator, Sequence
from dataclasses import replace

from fhir_adapter import __version__
from fhir_adapter.errors import EngineError
from fhir_adapter.issues import Issue
from fhir_adapter.model.reading import Reading, Sentence
from fhir_adapter.model.safe import SafeReport
from fhir_adapter.nlp import compose, scopes, sections, sentences
from fhir_adapter.nlp.mentions import Mention, Modifier
from fhir_adapter.scan import Folded, Matcher, Phrase, fold, longest
from fhir_adapter.settings import Settings
from fhir_adapter.tables.language import LanguageTables

_MEANT = {"FINDING", "DEVICE", "SITE"}  # a modality or procedure is named, not meant


class CompiledEngine:
    """An `Engine` without state between reports; threads may share it."""

    def __init__(self, settings: Settings, tables: LanguageTables) -> None:
        self._tables = tables
        self._limit = settings.max_text_characters
        self._targets = Matcher(Phrase(text=row.literal, value=row, case=row.case) for row in tables.targets)
        self._cues = Matcher(Phrase(text=row.literal, value=row) for row in tables.context)
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
            mentions = tuple(self._mentions(fold(text), spans))
            reading = compose.reading(safe, text, parts, spans, mentions, self._tables)
        except Exception:  # a message of whatever fails may quote the text
            raise EngineError(Issue.at("NLP-400", "text")) from None
        return replace(reading, issues=issues + reading.issues)

    def _mentions(self, folded: Folded, spans: Sequence[Sentence]) -> Iterator[Mention]:
        targets, inner = _settled(self._targets.find(folded))
        cues = scopes.settle(self._cues.find(folded))
        first_target = first_cue = 0
        for sentence in spans:
            start, end = folded.flat_place(sentence.span.start), folded.flat_place(sentence.span.end)
            first_target, last_target = _inside(targets, first_target, start, end)
            first_cue, last_cue = _inside(cues, first_cue, start, end)
            local = targets[first_target:last_target]
            bearing = scopes.link(folded.flat, start, end, local, cues[first_cue:last_cue])
            for target, modifiers in zip(local, bearing, strict=True):
                row = target.value
                if row.category == "IGNORED":
                    continue
                sites = inner.get(target.start, ())
                yield Mention(row=row, span=folded.span(target.start, target.end), modifiers=tuple(
                    Modifier(category=cue.value.category, span=folded.span(cue.start, cue.end),
                             literal=cue.value.literal) for cue in modifiers) if row.category in _MEANT else (),
                    within=tuple(Mention(row=site.value, span=folded.span(site.start, site.end))
                                 for site in sites) if sites else ())
            first_target, first_cue = last_target, last_cue


def _settled(found: Sequence[scopes.Target]) -> tuple[list[scopes.Target], dict[int, list[scopes.Target]]]:
    """The targets without overlaps, in order, findings before sites; and the sites inside findings, by their start."""
    kept = longest(match for match in found if match.value.category != "SITE")
    free: list[scopes.Target] = []
    inner: dict[int, list[scopes.Target]] = {}
    following = 0
    for site in longest(match for match in found if match.value.category == "SITE"):
        while following < len(kept) and kept[following].end <= site.start:
            following += 1
        if following == len(kept) or kept[following].start >= site.end:
            free.append(site)
        elif kept[following].value.category == "FINDING":
            inner.setdefault(kept[following].start, []).append(site)
    return sorted(kept + free, key=_place), inner


def _place(target: scopes.Target) -> int:
    return target.start


def _inside(matches: Sequence[scopes.Cue] | Sequence[scopes.Target], first: int, start: int, end: int,
            ) -> tuple[int, int]:
    """Numbers of the first match from `start` on and of the first that does not end by `end`."""
    while first < len(matches) and matches[first].start < start:
        first += 1
    last = first
    while last < len(matches) and matches[last].end <= end:
        last += 1
    return first, last
