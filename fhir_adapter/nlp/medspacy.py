"""
medspaCy as the matcher: targets and ConText by our tables, sentences and sections by us.

PyRuSH is never loaded (it takes most of the time and logs every token of the text), and no default rule of medspaCy's
is used. ConText compares every cue with every target of a document, so the text is handed over in chunks of whole
sentences: the time stays linear in the text.
"""

import threading
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

from fhir_adapter.errors import EngineError
from fhir_adapter.issues import Issue
from fhir_adapter.model.reading import Reading, SectionKind, Sentence
from fhir_adapter.model.safe import SafeReport
from fhir_adapter.model.span import Span
from fhir_adapter.nlp import compose, mentions, page, sections, sentences
from fhir_adapter.nlp.mentions import Mention, Modifier
from fhir_adapter.settings import Settings
from fhir_adapter.tables.language import LanguageTables

_CHUNK = 1500


class MedspacyEngine:
    """An `Engine`; one document at a time, as spaCy's pipeline is not made for threads."""

    def __init__(self, settings: Settings, tables: LanguageTables) -> None:
        from loguru import logger

        logger.disable("PyRuSH")
        import spacy
        from medspacy.context import ConText, ConTextRule
        from medspacy.target_matcher import TargetMatcher, TargetRule

        self._tables = tables
        self._lock = threading.Lock()
        self._limit = settings.max_text_characters
        self._nlp = spacy.blank("en")
        self._matcher = TargetMatcher(self._nlp, rules=None)
        self._rows = {row.literal.lower(): row for row in tables.targets}
        self._matcher.add([TargetRule(row.literal.lower(), row.category) for row in tables.targets])
        self._context = ConText(self._nlp, rules=None)
        self._context.add([ConTextRule(row.literal, row.category, direction=row.direction, max_scope=row.max_scope)
                           for row in tables.context])
        self.name = f"fhir-adapter medspacy {_version()}"
        warm = Sentence(span=Span(0, 16), section=SectionKind.FINDINGS)
        list(self._mentions("No pneumothorax. 6 mm nodule.", (warm,)))

    def read(self, safe: SafeReport) -> Reading:
        """Everything that the text says; an EngineError (NLP-400) without any of the text if something fails."""
        text: str = safe.text
        issues: tuple[Issue, ...] = ()
        if len(text) > self._limit:
            text, issues = text[: self._limit], (Issue.at("NLP-403", "text"),)
        try:
            parts = sections.split(text, self._tables.sections)
            spans = sentences.split(text, parts)
            with self._lock:
                found = tuple(self._mentions(text, spans))
            reading = compose.reading(safe, page.alone(text, spans, self._tables), parts,
                                      mentions.by_sentence(spans, found), self._tables)
        except EngineError:
            raise
        except Exception:  # whatever fails inside spaCy may quote the text in its message
            raise EngineError(Issue.at("NLP-400", "text")) from None
        return replace(reading, issues=issues + reading.issues)

    def _mentions(self, text: str, spans: Sequence[Sentence]) -> Iterator[Mention]:
        for chunk in _chunks(spans):
            words, places, starts = _flattened(text, chunk)
            doc = self._nlp.make_doc(words)
            for token in doc:
                token.is_sent_start = token.idx in starts
            doc = self._context(self._matcher(doc))
            for entity in doc.ents:
                row = self._rows[" ".join(entity.text.lower().split())]
                span = _span(entity, places)
                if row.category == "IGNORED" or (row.case and span.of(text) != row.literal):
                    continue
                yield Mention(row=row, span=span, modifiers=tuple(_modifiers(entity, doc, places)))


def _modifiers(entity: Any, doc: Any, places: Sequence[int]) -> Iterator[Modifier]:
    for modifier in entity._.modifiers:
        start, end = modifier.modifier_span
        words = doc[start:end]
        yield Modifier(category=modifier.category, span=_span(words, places))


def _span(words: Any, places: Sequence[int]) -> Span:
    return Span(places[words.start_char], places[words.end_char - 1] + 1)


def _chunks(spans: Sequence[Sentence]) -> Iterator[list[Sentence]]:
    chunk: list[Sentence] = []
    for sentence in spans:
        if chunk and sentence.span.end - chunk[0].span.start > _CHUNK:
            yield chunk
            chunk = []
        chunk.append(sentence)
    if chunk:
        yield chunk


def _flattened(text: str, chunk: Sequence[Sentence]) -> tuple[str, list[int], set[int]]:
    """The chunk with each run of blanks and line breaks as one blank, so that wrapped phrases match; where each of its
    characters stood; where its sentences start.
    """
    characters: list[str] = []
    places: list[int] = []
    starts: set[int] = set()
    for sentence in chunk:
        if characters:
            characters.append(" ")
            places.append(sentence.span.start - 1)
        starts.add(len(characters))
        blank = True
        for place in range(sentence.span.start, sentence.span.end):
            character = text[place]
            if character.isspace():
                if blank:
                    continue
                character, blank = " ", True
            else:
                blank = False
            characters.append(character)
            places.append(place)
    return "".join(characters), places, starts


def _version() -> str:
    from importlib.metadata import version

    return version("medspacy")


