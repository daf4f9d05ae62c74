"""
What the report asks for: imaging, a procedure, a consultation, something else, a follow-up of no named kind.

One recommendation for each thing that an asking clause names. A modality, site or interval that is missing stays
missing, which is a result in itself.
"""

import re
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from fhir_adapter.model.code import Code
from fhir_adapter.model.reading import Interval, Recommendation, RecommendationKind, SectionKind, Sentence, Site
from fhir_adapter.model.report import Contrast
from fhir_adapter.model.span import Span
from fhir_adapter.nlp import intervals, marks, recommending, sides
from fhir_adapter.nlp.lower import lower
from fhir_adapter.nlp.mentions import Mention
from fhir_adapter.nlp.page import Page
from fhir_adapter.nlp.recommending import Clause, Words
from fhir_adapter.tables.language import LanguageTables

_SECTIONS = {SectionKind.FINDINGS, SectionKind.IMPRESSION, SectionKind.RECOMMENDATION, SectionKind.ADDENDUM,
             SectionKind.OTHER, SectionKind.COMMUNICATION}
_ASKING = SectionKind.RECOMMENDATION
_CONTRAST = (
    (lower(r"\bwith\s+and\s+without\s+(?:\w+\s+)?contrast|\bwithout\s+and\s+with\s+(?:\w+\s+)?contrast"),
     Contrast.BOTH),
    (lower(r"\b(?:without|no|non)[\s-]+(?:\w+\s+)?contrast|\bnoncontrast"), Contrast.WITHOUT),
    (lower(r"\bwith\s+(?:\w+\s+)?contrast|\bcontrast[\s-]?enhanced"), Contrast.WITH),
)
_CLINICAL = lower(r"correlat|clinical")
_CONSULT = lower(r"consult|referral|refer\b")
_BESIDE = re.compile(r"(?:\s+(?!and\b|or\b|in\b|with\b|for\b|by\b)[\w-]+){0,2}\s*")
_JOINED = lower(r"\s*(?:or|and|/|and/or|,|versus|vs\.?|followed\s+by)\s*(?:an?\s+)?")
_WORD = lower(r"[a-z]+")
_FAR, _NEAR = 120, 40


@dataclass(frozen=True, slots=True)
class _Action:
    kind: RecommendationKind
    span: Span
    modality: str = ""
    code: Code | None = None


def find(page: Page, mentions: Sequence[Sequence[Mention]], sites: Sequence[Site], tables: LanguageTables
         ) -> Iterator[Recommendation]:
    """Every recommendation of the report, in order."""
    starts = [site.span.start for site in sites]
    for number, (sentence, held) in enumerate(zip(page.sentences, page.marked, strict=True)):
        if sentence.section in _SECTIONS and (
                held & marks.RECOMMENDATION or sentence.section is _ASKING):
            here = sites[bisect_left(starts, sentence.span.start) : bisect_left(starts, sentence.span.end)]
            yield from _in(page, sentence, mentions[number], here, tables)


def _in(page: Page, sentence: Sentence, mentions: Sequence[Mention], sites: Sequence[Site], tables: LanguageTables,
        ) -> Iterator[Recommendation]:
    known = recommending.compiled(tables.recommendations)
    asking = list(_asking(page, sentence, mentions, known))
    if not asking:
        return
    said: set[tuple[object, ...]] = set()
    guideline = known.guideline.search(page.low, sentence.span.start, sentence.span.end) is not None
    places = [*sites, *_in_findings(page, mentions, tables)]
    for clause, actions, own in asking:
        near = [s for s in places if clause.span.covers(s.span)]
        found = own
        if len(asking) == 1:  # "In 6 months, however, CT is recommended"
            near = near or places
            found = own or intervals.find(page.low, sentence.span)
        for action in actions:
            site = _site(page, action, actions, near, tables)
            made = _made(page, sentence, clause, action, _when(action, actions, found), site, known, guideline)
            if len(asking) > 1:
                made = replace(made, span=_told(page, clause.span))
            key = (made.kind, made.modality or made.procedure or action.span, made.site and made.site.code,
                   made.interval)
            if key not in said:
                said.add(key)
                yield made


def _told(page: Page, clause: Span) -> Span:
    """A clause without the blanks around it."""
    words = clause.of(page.low)
    return Span(clause.start + len(words) - len(words.lstrip()), clause.end - len(words) + len(words.rstrip()))


def _asking(page: Page, sentence: Sentence, mentions: Sequence[Mention], known: Words
            ) -> Iterator[tuple[Clause, list[_Action], tuple[Interval, ...]]]:
    """The clauses that ask for something, with what and when."""
    for clause in recommending.clauses(page.low, sentence, known):
        if clause.cue is None and sentence.section is not _ASKING:
            continue
        if known.negated.search(page.low, clause.span.start, clause.span.end):
            continue
        found = intervals.find(page.low, clause.span)
        timed = bool(found)
        actions = [a for a in _actions(page, clause, mentions, known, timed=timed)
                   if recommending.asks(page.low, clause, sentence.section, action=a.span, timed=timed)]
        if not actions and recommending.asks(page.low, clause, sentence.section, action=None, timed=timed):
            actions = [_Action(RecommendationKind.OTHER, clause.cue or clause.span)]
        if actions:
            yield clause, actions, found


def _actions(page: Page, clause: Clause, mentions: Sequence[Mention], known: Words, *, timed: bool) -> list[_Action]:
    """What the clause names: modalities and procedures, else a follow-up or something else of no code."""
    inside = [m for m in mentions if clause.span.covers(m.span)]
    found: list[_Action] = []
    for mention in inside:
        if mention.row.category == "PROCEDURE" and not _done(page, clause, mention.span, known):
            found.append(_Action(_kind(mention.row.code.display, mention.span.of(page.low)), mention.span,
                                 code=mention.row.code))
    start, end = clause.span.start, clause.span.end
    for kind, expression in ((RecommendationKind.PROCEDURE, known.procedures),
                             (RecommendationKind.CONSULTATION, known.consultations),
                             (RecommendationKind.OTHER, known.clinical)):
        for match in expression.finditer(page.low, start, end):
            span = Span(*match.span())
            same = next((a for a in found if a.span.overlaps(span)), None)
            if same is not None:
                found[found.index(same)] = _Action(same.kind, _joined(same.span, span), code=same.code)
            elif kind is not RecommendationKind.PROCEDURE or not _done(page, clause, span, known):
                found.append(_Action(kind, span))
    found += [a for a in _imaging(page, clause, inside, known) if not any(a.span.overlaps(f.span) for f in found)]
    if any(a.kind is not RecommendationKind.OTHER for a in found):  # "correlation with MRI" asks for the MRI
        found = [a for a in found if a.kind is not RecommendationKind.OTHER or not _bare(a.span.of(page.low))]
    others = [a for a in found if a.kind is RecommendationKind.OTHER]
    found = [a for a in found if a not in others[1:]]
    if not found:
        for kind, expression in ((RecommendationKind.IMAGING, known.imaging), (RecommendationKind.OTHER, known.other)):
            word = expression.search(page.low, start, end)
            if word and not (kind is RecommendationKind.OTHER and not clause.cue):
                return [_Action(kind, Span(*word.span()))]
        if timed and clause.cue:
            return [_Action(RecommendationKind.IMAGING, clause.cue)]
    return sorted(found, key=lambda a: a.span)


def _imaging(page: Page, clause: Clause, mentions: Sequence[Mention], known: Words) -> Iterator[_Action]:
    start, end = clause.span.start, clause.span.end
    listed: list[tuple[Span, str, Code | None]] = [
        (m.span, m.row.modality, m.row.code) for m in mentions if m.row.category == "MODALITY"]
    any_ = known.modality.search(page.low, start, end) is not None
    more = [(Span(*match.span()), modality) for modality, expression, cased in known.modalities if cased or any_
            for match in expression.finditer(page.text if cased else page.low, start, end)]
    for span, modality in more:
        same = next((item for item in listed if item[0].overlaps(span)), None)
        if same is None:
            listed.append((span, modality, None))
        elif same[1] == modality:
            listed[listed.index(same)] = (_joined(same[0], span), modality, same[2])
    seen: list[tuple[str, Span]] = []
    for span, modality, code in sorted(listed, key=lambda item: item[0]):
        before = page.low[max(start, span.start - 60) : span.start]
        if (known.guided.match(page.low, span.end) or known.dated.match(page.low, span.end)
                or known.compared.search(before)):
            continue
        if seen and seen[-1][0] == modality and not re.search(r"\w", page.low[seen[-1][1].end : span.start]):
            continue  # "computed tomography (CT)"
        seen.append((modality, span))
        yield _Action(RecommendationKind.IMAGING, span, modality=modality, code=code)


def _bare(words: str) -> bool:
    return _CLINICAL.match(words) is not None and words.lower().startswith("correlat")


def _joined(one: Span, other: Span) -> Span:
    return Span(min(one.start, other.start), max(one.end, other.end))


def _done(page: Page, clause: Clause, span: Span, known: Words) -> bool:
    before = page.low[max(clause.span.start, span.start - 50) : span.start]
    return known.done_before.search(before) is not None or known.done_after.match(page.low, span.end) is not None


def _kind(display: str, words: str) -> RecommendationKind:
    if _CONSULT.search(words) or _CONSULT.search(display.lower()):
        return RecommendationKind.CONSULTATION
    return RecommendationKind.OTHER if _CLINICAL.search(words) else RecommendationKind.PROCEDURE


def _made(page: Page, sentence: Sentence, clause: Clause, action: _Action, interval: Interval | None,
          site: Site | None, known: Words, guideline: bool) -> Recommendation:
    cue = clause.cue or action.span
    start, end = clause.span.start, clause.span.end
    side = site.side if site else None
    if side is None and action.modality:
        near = sides.of(action.span, sides.words(page, clause.span))
        side = near.side if near else None
    words = " ".join(cue.of(page.low).split())
    return Recommendation(
        span=sentence.span, sentence=sentence, kind=action.kind, cue=cue, procedure=action.code,
        procedure_span=action.span if action.code else None, modality=action.modality, site=site, side=side,
        contrast=_contrast(page, clause.span) if action.modality else None, interval=interval,
        conditional=known.conditional.search(page.low, start, end) is not None,
        option=known.offers.fullmatch(page.low, cue.start, cue.end) is not None,
        hedging=known.hedging.search(page.low, max(start, cue.start - 12), cue.end) is not None,
        guideline=guideline, historical=known.historical.search(page.low, start, end) is not None,
        rule=f"recommendations.yaml {words}")


def _when(action: _Action, actions: Sequence[_Action], found: Sequence[Interval]) -> Interval | None:
    """The interval of an action: the first one said, or the nearest where several things are asked for."""
    if not found or len(actions) == 1:
        return found[0] if found else None
    return min(found, key=lambda i: _distance(i.span, action.span))


def _distance(one: Span, other: Span) -> int:
    """Characters between two places; what stands before counts double, as "CT in 6 months" is how it is said."""
    return one.start - other.end if one.start >= other.end else 2 * max(0, other.start - one.end)


def _site(page: Page, action: _Action, actions: Sequence[_Action], near: Sequence[Site], tables: LanguageTables
          ) -> Site | None:
    """The site in the words of the action ("chest CT") or just before them, else the next one after it, else the last
    one before it; not one that belongs to another action.
    """
    named = next((s for s in near if action.span.covers(s.span)), None) or _named(page, action.span, tables)
    if named:
        return named
    beside = [s for s in near if s.span.end <= action.span.start and _BESIDE.fullmatch(
        page.text, s.span.end, action.span.start)]
    after = [s for s in near if s.span.start >= action.span.end and not _between(page, action.span, s.span, actions)]
    before = [s for s in near if s.span.end <= action.span.start and not _between(page, s.span, action.span, actions)]
    if action.kind is RecommendationKind.OTHER:  # correlation has no site of its own, unless it follows
        beside, before = [], []
        after = [s for s in after if _gap(s.span, action.span) <= _NEAR]
    best = beside[-1:] or after[:1] or before[-1:]
    return best[0] if best and _gap(best[0].span, action.span) <= _FAR else None


def _between(page: Page, first: Span, last: Span, actions: Sequence[_Action]) -> bool:
    """Whether another action stands between; "CT or MRI of the abdomen" is one thing or the other of one place."""
    inner = [a.span for a in actions if first.end <= a.span.start and a.span.end <= last.start]
    if not inner:
        return False
    joined = (_JOINED.fullmatch(page.low, first.end, inner[0].start)
              or _JOINED.fullmatch(page.low, inner[-1].end, last.start))
    return joined is None or len(inner) > 1


def _gap(one: Span, other: Span) -> int:
    return max(0, one.start - other.end, other.start - one.end)


def _in_findings(page: Page, mentions: Sequence[Mention], tables: LanguageTables) -> Iterator[Site]:
    """The sites inside the words of findings ("thyroid nodule")."""
    for mention in mentions:
        if mention.row.category == "FINDING":
            site = _named(page, mention.span, tables)
            if site:
                yield site


def _named(page: Page, span: Span, tables: LanguageTables) -> Site | None:
    """The site inside the words of an action, which the longest phrase swallowed."""
    for match in _WORD.finditer(page.low, span.start, span.end):
        code = tables.site_words.get(match.group())
        if code is not None:
            return Site(code=code, span=Span(*match.span()),
                        rule=f"targets.json {match.group()}")
    return None


def _contrast(page: Page, within: Span) -> Contrast | None:
    return next((value for cue, value in _CONTRAST if cue.search(page.low, within.start, within.end)), None)
