"""Which finding or organ a size belongs to, in its own sentence or in the one that it continues."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace

from fhir_adapter.model.reading import Measurement, Sentence
from fhir_adapter.nlp.lower import lower
from fhir_adapter.nlp.mentions import Mention
from fhir_adapter.nlp.page import Page

BACK = 2  # how many sentences a size may look back
_NAMED = {"FINDING", "SITE"}
# Between a size and the thing that it describes stand only its other attributes: "6 mm spiculated right upper lobe".
_ATTRIBUTES = lower(
    r"[\s-]*(?:in\s+(?:size|diameter|length|(?:greatest|maximal|maximum|largest)\s+\w+)\s+)?"
    r"(?:(?!(?:is|are|was|were|in|within|at|with|w|and|to|from|on|measur\w+|which|that|without|previously|near|along|"
    r"but|now|has|have|compared|versus|or|seen|involving|overl\w+|adjacent|abutting|project\w*|represent\w*|likely|"
    r"consistent|compatible|suspicious|concerning|caus\w+|contain\w*|demonstrat\w*|show\w*|arising|extend\w*|"
    r"surround\w*)\b)[\w/'’-]+[\s-]+){0,8}")
_PREPOSITION = lower(
    r"\b(?:in|of|within|at|to|from|near|along|involving|on|through|throughout|into|around|about|adjacent to|abutting|"
    r"for|between|overlying|over|under|with|by|versus)\s+(?:(?:the|a|an|this|both|each|its|left|right|mid|middle|upper|"
    r"lower|proximal|distal|anterior|posterior|medial|lateral|superior|inferior|segment|lobe|\w+al|\w+ic)\s+)*$")
_CONTINUES = lower(
    r"(?:it|this|these|they|that|which|the\s+(?:largest|smaller|larger|biggest|dominant|former|latter|other|second|first|"
    r"index|most)\b|largest|measur\w+|size|\d|there\s+are|one\b|another|dimensions?|maximum|approximately|overall|previously|prior|formerly|now\b|currently|unchanged|stable|"
    r"(?:in|de)creased)")
_BREAK = re.compile(r"[,;:.()]|\b(?:and|but|is|are|measures|with)\b")
_WALL = lower(r"\bwall\b[^,;]{0,30}$")
_NEAR = 60  # as far before a size as a wall is looked for
# A place in an organ, which says where a finding is, and is not what is measured.
_PLACE = lower(r"segments?|(?:upper|middle|lower|frontal|parietal|temporal|occipital|caudate)\s+lobes?|pole|quadrant|"
               r"gutter|zone|fossa|lingula|\b[rl][uml]l\b|dome|\bbase|apex|\bneck\b|\w(?:al|ic)$")
_LIST = lower(r"\s*(?:,|,?\s*(?:and|or)\b|&)\s*")
_IT = lower(r"\b(?:it|they)\s+(?:previously\s+|formerly\s+|had\s+|last\s+)*(?:measur\w+|was|were|is|are)\s+"
            r"(?:approximately\s+|about\s+)?$")
_VERB = lower(r"\b(?:measur\w+|is|are|was|were|at|of|up to|has|have)\b|[(:=]")


def link(page: Page, sizes: Sequence[tuple[Measurement, Sentence]],
         mentions: Mapping[Sentence, Sequence[Mention]]) -> tuple[tuple[Measurement, Sentence], ...]:
    """The same sizes, each with its subject; None stays where no finding or site is near."""
    if not sizes:
        return ()
    linked: list[tuple[Measurement, Sentence]] = []
    last: dict[Sentence, Mention] = {}
    for index, (plain, sentence) in enumerate(sizes):
        size = plain
        neighbour = linked[-1][0] if linked and linked[-1][1] is sentence else None
        ahead = index + 1
        while ahead < len(sizes) and sizes[ahead][1] is sentence and _LIST.fullmatch(
                page.low, sizes[ahead - 1][0].span.end, sizes[ahead][0].span.start):
            ahead += 1  # "4 mm and 2 mm stones": all sizes of a list have the noun behind it
        following = sizes[ahead][0] if ahead < len(sizes) and sizes[ahead][1] is sentence else None
        listed = sizes[ahead - 1][0].span.end
        local = [m for m in mentions.get(sentence, ()) if m.row.category in _NAMED]
        subject = _subject(page, size, sentence, local, neighbour, following, listed)
        open_ended = _CONTINUES.match(page.low, sentence.span.start) is not None
        if open_ended and (subject is None or (subject.row.category == "SITE" and (
                (subject.span.start > size.span.start and not _named_after(page, size, subject))
                or not _governs(page, sentence, subject, local)))):
            earlier = _earlier(page, page.number(sentence), mentions, last)
            subject = earlier or subject
        if neighbour is not None and sentence in last and _IT.search(page.low, neighbour.span.end, size.span.start):
            subject = last[sentence]
        if subject is not None:
            size = replace(plain, subject=subject.row.code, subject_span=subject.span)
            last[sentence] = subject
        linked.append((size, sentence))
    return tuple(linked)


def _subject(page: Page, size: Measurement, sentence: Sentence, local: Sequence[Mention], neighbour: Measurement | None,
             following: Measurement | None, listed: int) -> Mention | None:
    if not local:
        return None
    limit = following.span.start if following else sentence.span.end
    ahead = [m for m in local if size.span.end <= m.span.start < limit]
    described = [m for m in ahead if _ATTRIBUTES.fullmatch(page.low, listed, m.span.start)]
    for kind in ("FINDING", "SITE"):  # the last one: "8 mm calcified nodule", "1 cm low-density adrenal nodule"
        nearest = next((m for m in reversed(described) if m.row.category == kind), None)
        if nearest is not None and (kind == "FINDING" or not _told_before(page, size, sentence, local, neighbour)):
            return nearest
    behind = [m for m in local if m.span.end <= size.span.start]
    if neighbour is not None and not any(m.span.start >= neighbour.span.end for m in behind):
        same = next((m for m in local if m.span == neighbour.subject_span), None)
        if same is not None:
            return same
    walled = [m for m in behind if m.row.category == "SITE"]
    thick = any(m.row.category == "FINDING" and "wall" in m.span.of(page.low) for m in behind)
    near = max(sentence.span.start, size.span.start - _NEAR)
    if walled and not thick and _WALL.search(page.low[near : size.span.start]):
        return walled[-1]
    if behind:
        return _governing(page, sentence, behind, local, size.span.start)
    return ahead[0] if ahead else None


def _named_after(page: Page, size: Measurement, site: Mention) -> bool:
    """Whether a site right behind a size is what it measures ("2 cm inferior vena cava"), and no place in an organ."""
    return (_ATTRIBUTES.fullmatch(page.low, size.span.end, site.span.start) is not None
            and not _PLACE.search(site.span.of(page.low)))


def _told_before(page: Page, size: Measurement, sentence: Sentence, local: Sequence[Mention],
                 neighbour: Measurement | None) -> bool:
    """Whether the words just before the size already say what is measured ("nodule measuring")."""
    behind = [m for m in local if m.span.end <= size.span.start]
    start = max([sentence.span.start, *([neighbour.span.end] if neighbour else []), *(m.span.end for m in behind)])
    return bool(behind) and (_VERB.search(page.low, start, size.span.start) is not None or neighbour is not None)


def _governing(page: Page, sentence: Sentence, behind: Sequence[Mention], local: Sequence[Mention], at: int,
               ) -> Mention | None:
    """The last finding before a size at `at`, unless a site after it is the subject ("no mass; the right kidney
    measures"); None where what was denied is in a clause of its own.
    """
    findings = [m for m in behind if m.row.category == "FINDING"]
    denied = bool(findings) and any(m.category == "NEGATED_EXISTENCE" for m in findings[-1].modifiers)
    if denied and findings[-1] is behind[-1] and ";" in page.text[findings[-1].span.end : at]:
        return None
    sites = [m for m in behind if m.row.category == "SITE" and _governs(page, sentence, m, local)
             and not (findings and not denied and _PLACE.search(m.span.of(page.low)))]
    if findings and (not sites or sites[-1].span.start < findings[-1].span.start):
        return sites[-1] if denied and sites else findings[-1]
    if sites:
        return sites[-1]
    return behind[-1]


def _governs(page: Page, sentence: Sentence, site: Mention, local: Sequence[Mention]) -> bool:
    """Whether a site stands free, not behind a preposition and not before the finding that it describes."""
    ends = [m.span.end for m in local if m.span.end <= site.span.start]
    start = max([sentence.span.start, *ends])
    if ends and not _BREAK.search(page.text, start, site.span.start):
        return False
    return _PREPOSITION.search(page.low[start : site.span.start]) is None


def _earlier(page: Page, place: int, mentions: Mapping[Sentence, Sequence[Mention]],
             last: Mapping[Sentence, Mention]) -> Mention | None:
    sentences = page.sentences
    here = sentences[place]
    for back in range(1, BACK + 1):
        if place - back < 0 or sentences[place - back].section is not here.section:
            return None
        sentence = sentences[place - back]
        if sentence in last:
            return last[sentence]
        named = mentions.get(sentence, ())
        for category in ("FINDING", "SITE"):
            found = next((m for m in reversed(named) if m.row.category == category
                          and (category == "FINDING" or not _PLACE.search(m.span.of(page.low)))
                          and not any(x.category == "NEGATED_EXISTENCE" for x in m.modifiers)), None)
            if found is not None:
                return found
    return None
