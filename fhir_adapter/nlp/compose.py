"""
From mentions to a `Reading`: which site, side, size and change belong to which finding.

Nothing here knows which matcher found the mentions.
"""

from bisect import bisect_right
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
from fhir_adapter.nlp.lower import lower
from fhir_adapter.nlp.mentions import Mention
from fhir_adapter.nlp.page import Page
from fhir_adapter.tables.language import LanguageTables

# "Effusion" and "edema" alone say where only by the report that they stand in.
_GENERAL = {"41699000", "79654002"}
_PERICARDIAL = "373945007"
_HISTORY = lower(r"\bhistory\b")
_PNEUMOTHORAX, _PLEURA = "36118008", "3120008"


def reading(safe: SafeReport, page: Page, sections: tuple[Section, ...], mentions: Sequence[Sequence[Mention]],
            tables: LanguageTables) -> Reading:
    """Everything that the text says, put together from its sentences and the mentions of each (both in order)."""
    text, low, sentences = page.text, page.low, tuple(page.sentences)
    sizes = measurements.find(page, tables.measurements)
    if sizes:
        sizes = subjects.link(page, temporality.placed(low, sizes, safe.service),
                              _nouns(page, mentions, [s for _, s in sizes], tables))
    sizes_at: dict[Span, list[Measurement]] = defaultdict(list)
    for size, _ in sizes:
        if size.subject_span:
            sizes_at[size.subject_span].append(size)
    findings: list[Finding] = []
    sites: list[Site] = []
    side_mentions: list[SideMention] = []
    histories = [part.body for part in sections if part.heading and _HISTORY.search(
        low, part.heading.start, part.heading.end)]
    begins = [part.start for part in histories]  # ascending, as sections are, and none reaches into the next
    said, poles = sides.of_page(page), finding_layer.of_other_poles(low)
    for number, (sentence, local, words) in enumerate(zip(sentences, mentions, said, strict=True)):
        here: list[Site] = []
        made: list[Finding] = []
        if local:
            named = naming.named(page, number, local, sizes_at, tables)
            promoted = {m.span.start for m in named}
            free = [m for m in local if m.row.category == "SITE" and m.span.start not in promoted]
            if free:
                here = finding_layer.sites(low, sentence.span, free, words, other_poles=poles)
                sites += here
            if named:
                last = bisect_right(begins, sentence.span.start) - 1
                history = last >= 0 and histories[last].covers(sentence.span)
                made = list(finding_layer.find(low, sentence, named, here, words, tables, history=history))
                findings += made
        if words:
            side_mentions += _sides(page, number, words, here, made)
    findings = laterality.inherited(text, findings, side_mentions, safe.order, sentences[0] if sentences else None,
                                    tables)
    findings = _in_context(findings, sites, tables)
    if sizes_at:
        findings = [_with_sizes(f, sizes_at[f.span]) if f.span in sizes_at else f for f in findings]
    scored = scores.find(page, said, tables.scores)
    return Reading(
        report=safe, sections=sections, sentences=sentences, findings=tuple(findings),
        measurements=tuple(size for size, _ in sizes),
        recommendations=tuple(recommendations.find(page, mentions, sites, tables)),
        ages=tuple(demographics.ages(page)), sexes=tuple(demographics.sexes(page, tables)),
        sides=tuple(side_mentions), contrasts=technique.contrasts(page, tables.technique),
        techniques=technique.modalities(page, mentions, tables.technique),
        communications=communications.find(page, tables.communications, safe.service), scores=scored,
        issues=tuple(Issue.at("NLP-405", "text") for score in scored if not score.legal))


def _nouns(page: Page, mentions: Sequence[Sequence[Mention]], sized: Sequence[Sentence], tables: LanguageTables,
           ) -> dict[Sentence, list[Mention]]:
    """What a size may belong to, in its sentence and those before: findings and sites, without adjectives ("the aorta
    is dilated to 4 cm"). A site that a size makes a finding (a node) counts as one.
    """
    out = {}
    numbers = [page.number(sentence) for sentence in sized]
    for number in sorted({n for last in numbers for n in range(max(0, last - subjects.BACK), last + 1)}):
        named = naming.named(page, number, mentions[number], (), tables)
        promoted = {m.span.start for m in named}
        sites = [m._replace(row=replace(m.row, category="FINDING")) if m.row.code.code in tables.abnormal_sites else m
                 for m in mentions[number] if m.row.category == "SITE" and m.span.start not in promoted]
        out[page.sentences[number]] = sorted(
            [*(m for m in named if m.row.code.code not in tables.refined_only), *sites], key=_start)
    return out


def _start(mention: Mention) -> tuple[int, int]:
    return mention.span.start, mention.span.end


def _distance(one: Span, other: Span) -> int:
    return max(0, one.start - other.end, other.start - one.end)


def _sides(page: Page, number: int, words: Sequence[sides.SideWord], sites: Sequence[Site],
           findings: Sequence[Finding]) -> Iterator[SideMention]:
    comparison = sides.compares(page, number)
    for word in words:
        site = next((s for s in sites if s.side_span == word.span), None)
        near = min(findings, key=lambda f: _distance(f.span, word.span), default=None)
        yield SideMention(span=word.span, side=word.side, sentence=page.sentences[number], site=site,
                          comparison=comparison, **({"assertion": near.assertion} if near else {}))


def _in_context(findings: Sequence[Finding], sites: Sequence[Site], tables: LanguageTables) -> list[Finding]:
    """A general concept without a site ("effusion", "edema") takes the one site for which the table knows it, if the
    report names that region and no other that the table knows for it; in a chest an effusion is one of the pleura.
    """
    wanted = {finding.concept.code for finding in findings if finding.concept.code in _GENERAL and not finding.sites}
    if not wanted:
        return list(findings)
    regions = {code for site in sites for code in finding_layer.within(site.code.code, tables)}
    if any(finding.concept.code == _PNEUMOTHORAX for finding in findings):
        regions.add(_PLEURA)
    meant = {}
    for general in wanted:
        known = tables.refinements.get(general, {})
        exact = {known[code] for code in regions & known.keys()}
        exact = exact - {tables.concepts[_PERICARDIAL]} if len(exact) > 1 else exact
        if len(exact) == 1:
            meant[general] = next(iter(exact))
    return [replace(finding, concept=meant[finding.concept.code])
            if finding.concept.code in meant and not finding.sites else finding for finding in findings]


def _with_sizes(finding: Finding, sizes: Sequence[Measurement]) -> Finding:
    return replace(finding, measurements=tuple(sizes))
