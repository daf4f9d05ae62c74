"""
From mentions to a `Reading`: which site, side, size and change belong to which finding.

Nothing here knows which matcher found the mentions.
"""

import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import replace

from fhir_adapter.issues import Issue
from fhir_adapter.model.reading import (
    Finding,
    Measurement,
    Reading,
    Section,
    Sentence,
    SideMention,
    Site,
)
from fhir_adapter.model.safe import SafeReport
from fhir_adapter.model.span import Span
from fhir_adapter.nlp import (
    communications,
    demographics,
    laterality,
    measurements,
    naming,
    recommendations,
    scores,
    sides,
    subjects,
    technique,
    temporality,
)
from fhir_adapter.nlp import findings as finding_layer
from fhir_adapter.nlp.mentions import Mention
from fhir_adapter.tables.language import LanguageTables

# "Effusion" alone says where only by the report that it stands in.
_EFFUSION, _PERICARDIAL = "41699000", "373945007"
_HISTORY = re.compile(r"\bhistory\b", re.IGNORECASE)
_PNEUMOTHORAX, _PLEURA = "36118008", "3120008"


def reading(safe: SafeReport, text: str, sections: tuple[Section, ...], sentences: tuple[Sentence, ...],
            mentions: tuple[Mention, ...], tables: LanguageTables) -> Reading:
    """Everything that the text says, put together from sentences and mentions (both in order)."""
    by_sentence = _by_sentence(sentences, mentions)
    sizes = measurements.find(text, sentences, tables.measurements)
    sizes = subjects.link(text, temporality.placed(text, sizes, safe.service), sentences,
                          _nouns(text, sentences, by_sentence, {s for _, s in sizes}, tables))
    sizes_at: dict[Span, list[Measurement]] = defaultdict(list)
    for size, _ in sizes:
        if size.subject_span:
            sizes_at[size.subject_span].append(size)
    findings: list[Finding] = []
    sites: list[Site] = []
    side_mentions: list[SideMention] = []
    histories = [part.body for part in sections if part.heading and _HISTORY.search(part.heading.of(text))]
    for sentence in sentences:
        local = by_sentence.get(sentence, [])
        words = sides.words(text, sentence.span)
        if not local:
            side_mentions += _sides(text, sentence, words, (), ()) if words else ()
            continue
        named = naming.named(text, sentence.span, local, sizes_at, tables)
        promoted = {m.span for m in named}
        here = finding_layer.sites(text, sentence.span, [m for m in local if m.row.category == "SITE"
                                                         and m.span not in promoted], words)
        sites += here
        made = list(finding_layer.find(text, sentence, named, here, words, tables,
                                       history=any(part.covers(sentence.span) for part in histories)))
        findings += made
        side_mentions += _sides(text, sentence, words, here, made)
    findings = laterality.inherited(text, findings, side_mentions, safe.order, sentences[0] if sentences else None,
                                    tables)
    findings = [_with_sizes(f, sizes_at[f.span]) if f.span in sizes_at else f
                for f in _in_context(findings, sites, tables)]
    scored = scores.find(text, sentences, tables.scores)
    return Reading(
        report=safe, sections=sections, sentences=sentences, findings=tuple(findings),
        measurements=tuple(size for size, _ in sizes),
        recommendations=tuple(recommendations.find(text, sentences, by_sentence, sites, tables)),
        ages=tuple(demographics.ages(text, sentences)), sexes=tuple(demographics.sexes(text, sentences, tables)),
        sides=tuple(side_mentions),
        contrasts=technique.contrasts(text, sentences, tables.technique),
        techniques=technique.modalities(text, by_sentence, sentences, tables.technique),
        communications=communications.find(text, sentences, tables.communications, safe.service), scores=scored,
        issues=tuple(Issue.at("NLP-405", "text") for score in scored if not score.legal))


def _by_sentence(sentences: Sequence[Sentence], mentions: Sequence[Mention]) -> dict[Sentence, list[Mention]]:
    out: dict[Sentence, list[Mention]] = defaultdict(list)
    remaining = iter(sorted(mentions, key=lambda m: m.span))
    mention = next(remaining, None)
    for sentence in sentences:
        while mention is not None and mention.span.start < sentence.span.end:
            if sentence.span.overlaps(mention.span):
                out[sentence].append(mention)
            mention = next(remaining, None)
    return out


def _nouns(text: str, sentences: Sequence[Sentence], by_sentence: dict[Sentence, list[Mention]], sized: set[Sentence],
           tables: LanguageTables) -> dict[Sentence, list[Mention]]:
    """What a size may belong to, in its sentence and those before: findings and sites, without adjectives ("the aorta
    is dilated to 4 cm").
    """
    out = {}
    numbers = [number for number, sentence in enumerate(sentences) if sentence in sized]
    for number in sorted({n for last in numbers for n in range(max(0, last - subjects.BACK), last + 1)}):
        sentence = sentences[number]
        mentions = by_sentence.get(sentence, [])
        named = naming.named(text, sentence.span, mentions, (), tables)
        spans = {m.span for m in named}
        sites = [m for m in mentions if m.row.category == "SITE" and m.span not in spans]
        out[sentence] = sorted([*(m for m in named if m.row.code.code not in tables.refined_only), *sites],
                               key=lambda m: m.span)
    return out


def _distance(one: Span, other: Span) -> int:
    return max(0, one.start - other.end, other.start - one.end)


def _sides(text: str, sentence: Sentence, words: Sequence[sides.SideWord], sites: Sequence[Site],
           findings: Sequence[Finding]) -> Iterator[SideMention]:
    comparison = bool(words) and sides.compares(text, sentence.span)
    for word in words:
        site = next((s for s in sites if s.side_span == word.span), None)
        near = min(findings, key=lambda f: _distance(f.span, word.span), default=None)
        yield SideMention(span=word.span, side=word.side, sentence=sentence, site=site, comparison=comparison,
                          **({"assertion": near.assertion} if near else {}))


def _in_context(findings: Sequence[Finding], sites: Sequence[Site], tables: LanguageTables) -> list[Finding]:
    """A general concept without a site ("effusion") takes the one site for which the table knows it, if the report
    names that region and no other that the table knows for it; in a chest an effusion is one of the pleura.
    """
    wanted = [finding for finding in findings if finding.concept.code == _EFFUSION and not finding.sites]
    if not wanted:
        return list(findings)
    regions = {code for site in sites for code in finding_layer.within(site.code.code, tables)}
    if any(finding.concept.code == _PNEUMOTHORAX for finding in findings):
        regions.add(_PLEURA)
    known = tables.refinements.get(_EFFUSION, {})
    meant = {known[code] for code in regions & known.keys()}
    meant = meant - {tables.concepts[_PERICARDIAL]} if len(meant) > 1 else meant
    if len(meant) != 1:
        return list(findings)
    return [replace(finding, concept=next(iter(meant))) if finding in wanted else finding for finding in findings]


def _with_sizes(finding: Finding, sizes: Sequence[Measurement]) -> Finding:
    return replace(finding, measurements=tuple(sizes))
