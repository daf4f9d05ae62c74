"""
From mentions to a `Reading`: which site, side, size and change belong to which finding.

Nothing here knows which matcher found the mentions.
"""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import replace

from fhir_adapter.issues import Issue
from fhir_adapter.model.reading import (
    Finding,
    Measurement,
    Qualifier,
    Reading,
    Section,
    Sentence,
    SideMention,
    Site,
)
from fhir_adapter.model.safe import SafeReport
from fhir_adapter.model.span import Span
from fhir_adapter.nlp import (
    assertion,
    communications,
    demographics,
    measurements,
    recommendations,
    scores,
    sides,
    subjects,
    technique,
    temporality,
)
from fhir_adapter.nlp.mentions import Mention
from fhir_adapter.tables.language import LanguageTables

_SEVERITIES = {"MILD": "Mild", "MODERATE": "Moderate", "SEVERE": "Severe"}
_CHRONICITIES = {"ACUTE": "Acute onset", "SUBACUTE": "Subacute", "CHRONIC": "Chronic"}


def reading(safe: SafeReport, text: str, sections: tuple[Section, ...], sentences: tuple[Sentence, ...],
            mentions: tuple[Mention, ...], tables: LanguageTables) -> Reading:
    """Everything that the text says, put together from sentences and mentions (both in order)."""
    by_sentence = _by_sentence(sentences, mentions)
    sizes = measurements.find(text, sentences, tables.measurements)
    sizes = subjects.link(text, temporality.placed(text, sizes, safe.service), sentences, by_sentence)
    sizes_at: dict[Span, list[Measurement]] = defaultdict(list)
    for size, _ in sizes:
        if size.subject_span:
            sizes_at[size.subject_span].append(size)
    findings: list[Finding] = []
    sites: list[Site] = []
    side_mentions: list[SideMention] = []
    for sentence in sentences:
        local = by_sentence.get(sentence, [])
        words = sides.words(text, sentence.span)
        here = [_site(m, words) for m in local if m.row.category == "SITE"]
        sites += here
        made = list(_findings(local, sentence, here, words, tables))
        findings += made
        side_mentions += _sides(text, sentence, words, here, made)
    findings = [_with_sizes(f, sizes_at[f.span]) if f.span in sizes_at else f for f in findings]
    scored = scores.find(text, sentences, tables.scores)
    return Reading(
        report=safe, sections=sections, sentences=sentences, findings=tuple(findings),
        measurements=tuple(size for size, _ in sizes),
        recommendations=tuple(recommendations.find(text, sentences, by_sentence, sites, tables)),
        ages=tuple(demographics.ages(text, sentences)), sexes=tuple(demographics.sexes(text, sentences, tables)),
        sides=tuple(side_mentions),
        contrasts=technique.contrasts(text, sentences, tables.technique),
        techniques=technique.modalities(text, by_sentence),
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


def _site(mention: Mention, words: Sequence[sides.SideWord]) -> Site:
    side = sides.of(mention.span, words)
    return Site(code=mention.row.code, span=mention.span, side=side.side if side else None,
                side_span=side.span if side else None, rule=f"targets.json {mention.row.literal}")


def _findings(local: Sequence[Mention], sentence: Sentence, sites: Sequence[Site], words: Sequence[sides.SideWord],
              tables: LanguageTables) -> Iterator[Finding]:
    found = [m for m in local if m.row.category == "FINDING"]
    for mention in found:
        site = _nearest_site(mention, found, sites)
        direct = sides.of(mention.span, words, reach=25)
        side = direct.side if direct else (site.side if site else None)
        span = direct.span if direct else (site.side_span if site else None)
        if side is None and len(found) == 1 and len({w.side for w in words}) == 1:
            side, span = words[0].side, words[0].span
        cues = {modifier.span for modifier in mention.modifiers}
        yield Finding(
            concept=mention.row.code, span=mention.span, sentence=sentence,
            assertion=assertion.of(mention, sentence.section), sites=(site,) if site else (), side=side,
            change=assertion.change(mention),
            severity=_qualifier(mention, _SEVERITIES, tables), chronicity=_qualifier(mention, _CHRONICITIES, tables),
            cues=tuple(sorted(cues | ({span} if span else set()))), rule=f"targets.json {mention.row.literal}")


def _nearest_site(mention: Mention, found: Sequence[Mention], sites: Sequence[Site]) -> Site | None:
    """The nearest site that no other finding stands in front of; "X in the SITE" counts before a site before X."""

    def rank(site: Site) -> tuple[bool, int]:
        between = any(other is not mention and (mention.span.end <= other.span.start < site.span.start
                                                or site.span.end <= other.span.start < mention.span.start)
                      for other in found)
        return between, _distance(mention.span, site.span)

    return min(sites, key=rank, default=None)


def _distance(one: Span, other: Span) -> int:
    return max(0, one.start - other.end, other.start - one.end)


def _qualifier(mention: Mention, names: dict[str, str], tables: LanguageTables) -> Qualifier | None:
    for modifier in sorted(mention.modifiers, key=lambda m: _distance(m.span, mention.span)):
        if modifier.category in names:
            return Qualifier(code=tables.qualifiers[names[modifier.category]], span=modifier.span)
    return None


def _sides(text: str, sentence: Sentence, words: Sequence[sides.SideWord], sites: Sequence[Site],
           findings: Sequence[Finding]) -> Iterator[SideMention]:
    comparison = bool(words) and sides.compares(text, sentence.span)
    for word in words:
        site = next((s for s in sites if s.side_span == word.span), None)
        near = min(findings, key=lambda f: _distance(f.span, word.span), default=None)
        yield SideMention(span=word.span, side=word.side, sentence=sentence, site=site, comparison=comparison,
                          **({"assertion": near.assertion} if near else {}))


def _with_sizes(finding: Finding, sizes: Sequence[Measurement]) -> Finding:
    return replace(finding, measurements=tuple(sizes))
