"""
What the report asks for: imaging, a procedure, a consultation, a follow-up of no named kind.

One recommendation for each modality that a recommending sentence names. A modality or interval that is missing stays
missing, which is a result in itself.
"""

import re
from collections.abc import Iterator, Sequence

from fhir_adapter.model.reading import Interval, Recommendation, RecommendationKind, SectionKind, Sentence, Site
from fhir_adapter.model.report import Contrast
from fhir_adapter.model.span import Span
from fhir_adapter.nlp import intervals, sides
from fhir_adapter.nlp.mentions import Mention
from fhir_adapter.nlp.phrases import pattern
from fhir_adapter.tables.language import LanguageTables

_SECTIONS = {SectionKind.FINDINGS, SectionKind.IMPRESSION, SectionKind.RECOMMENDATION, SectionKind.ADDENDUM,
             SectionKind.OTHER, SectionKind.COMMUNICATION}
_COMPARED = re.compile(r"\b(?:compar\w+\s+(?:to|with)|prior|previous|on|from|recent|this|current|today's)\s+"
                       r"(?:the\s+|a\s+)?(?:\w+\s+)?$", re.IGNORECASE)
_CONTRAST = (
    (re.compile(r"\bwith\s+and\s+without\s+(?:\w+\s+)?contrast", re.IGNORECASE), Contrast.BOTH),
    (re.compile(r"\b(?:without|no|non)[\s-]+(?:\w+\s+)?contrast|\bnoncontrast", re.IGNORECASE), Contrast.WITHOUT),
    (re.compile(r"\bwith\s+(?:\w+\s+)?contrast|\bcontrast-?enhanced", re.IGNORECASE), Contrast.WITH),
)


def find(text: str, sentences: Sequence[Sentence], mentions: Sequence[Mention], sites: Sequence[Site],
         tables: LanguageTables) -> Iterator[Recommendation]:
    """Every recommendation of the report, in order."""
    words = tables.recommendations
    cue_pattern = pattern(tuple(words.cues))
    for sentence in sentences:
        if sentence.section not in _SECTIONS:
            continue
        start, end = sentence.span.start, sentence.span.end
        cue = cue_pattern.search(text, start, end)
        if sentence.section is SectionKind.RECOMMENDATION and cue is None:
            cue = pattern(words.followup).search(text, start, end)
        if cue is None or pattern(words.negated).search(text, start, end):
            continue
        yield from _in(text, sentence, Span(*cue.span()), mentions, sites, tables)


def _in(text: str, sentence: Sentence, cue: Span, mentions: Sequence[Mention], sites: Sequence[Site],
        tables: LanguageTables) -> Iterator[Recommendation]:
    words, start, end = tables.recommendations, sentence.span.start, sentence.span.end
    inside = [m for m in mentions if sentence.span.covers(m.span)]
    found = intervals.find(text, sentence.span)
    literal = re.sub(r"\s+", " ", cue.of(text).lower())
    flags = {
        "conditional": bool(pattern(words.conditional).search(text, start, end)),
        "hedging": bool(pattern(words.hedging).search(text, start, end)),
        "guideline": bool(pattern(words.guideline).search(text, start, end)) and not found,
        "option": tables.recommendations.cues.get(literal, False),
    }
    local = [s for s in sites if sentence.span.covers(s.span)]

    def make(kind: RecommendationKind, mention: Mention | None, interval: Interval | None) -> Recommendation:
        site = _site(mention, local)
        side = site.side if site else None
        if side is None and mention:
            near = sides.of(mention.span, sides.words(text, sentence.span))
            side = near.side if near else None
        return Recommendation(
            span=sentence.span, sentence=sentence, kind=kind, cue=cue,
            procedure=mention.row.code if mention else None, procedure_span=mention.span if mention else None,
            modality=mention.row.modality if mention else "", site=site, side=side,
            contrast=_contrast(text, sentence.span), interval=interval, rule=f"recommendations.json {literal}", **flags)

    modalities: dict[str, Mention] = {}
    for mention in inside:
        if mention.row.category == "MODALITY" and not _COMPARED.search(text[start : mention.span.start]):
            modalities.setdefault(mention.row.modality, mention)
    procedures = {m.row.code: m for m in inside if m.row.category == "PROCEDURE"}
    for modality in modalities.values():
        yield make(RecommendationKind.IMAGING, modality, _nearest(found, modality.span))
    for procedure in procedures.values():
        consultation = "consult" in procedure.row.code.display.lower()
        yield make(RecommendationKind.CONSULTATION if consultation else RecommendationKind.PROCEDURE, procedure,
                   _nearest(found, procedure.span))
    if not modalities and not procedures:
        followup = pattern(words.followup).search(text, start, end)
        if followup or found:
            yield make(RecommendationKind.IMAGING if followup else RecommendationKind.OTHER, None,
                       found[0] if found else None)




def _site(mention: Mention | None, local: Sequence[Site]) -> Site | None:
    if not local:
        return None
    if mention is None:
        return local[0]
    return min(local, key=lambda s: min(abs(s.span.start - mention.span.end), abs(mention.span.start - s.span.end)))


def _nearest(found: Sequence[Interval], place: Span) -> Interval | None:
    return min(found, key=lambda i: min(abs(i.span.start - place.end), abs(place.start - i.span.end)), default=None)


def _contrast(text: str, sentence: Span) -> Contrast | None:
    return next((value for cue, value in _CONTRAST if cue.search(text, sentence.start, sentence.end)), None)
