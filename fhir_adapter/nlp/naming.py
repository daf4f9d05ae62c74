"""
Which mentions of a sentence name a finding.

What the target table calls a finding; a device with which something is wrong; a site that is one where a word says that
it is abnormal, or a size is given ("enlarged axillary node"). Not a heading that the words behind it take up
("Effusion: Small joint effusion"), nor a general word that only describes such a site, nor what a quoted rule is about
("per the guideline, nodules under 6 mm need no follow-up").
"""

import re
from collections.abc import Container, Sequence
from dataclasses import replace

from fhir_adapter.model.span import Span
from fhir_adapter.nlp import marks
from fhir_adapter.nlp.lower import lower
from fhir_adapter.nlp.mentions import Mention
from fhir_adapter.nlp.page import Page
from fhir_adapter.tables.language import LanguageTables

_RULE = lower(r"\b(?:per|according\s+to|based\s+on)\s+(?:the\s+)?(?:[\w'’-]+\s+){0,5}?"
                   r"(?:guidelines?|criteria|recommendations|fleischner|acr|sru|society|consensus)\b")
_RULED = lower(r"\s*(?:[<>≤≥]|of\s+\d|under\b|over\b|below\b|above\b|between\b|(?:that\s+are\s+)?(?:less|greater|"
                    r"smaller|larger|more)\b)")
# The chance of one, as scores of risk give it ("FRAX: hip fracture 6.4%").
_CHANCE = lower(r"\s*(?:is|of|at|[:=])?\s*\d{1,2}(?:\.\d+)?\s?%")
_RISK = lower(r"\bfrax\b|\b(?:ten|10|five|5)-?\s?year\b|\bprobability\b")
_DENIED = ("suspicious", "abnormal", "pathologic")  # "no suspicious cervical lymph nodes": what is denied is abnormal
_HEADING = re.compile(r"\s*#?\d{0,2}\s*:(?!\d)")


def named(page: Page, number: int, mentions: Sequence[Mention], sized: Container[Span],
          tables: LanguageTables) -> list[Mention]:
    """The mentions that are findings, in order; an abnormal site is named by the concept that it stands for."""
    found: list[Mention] = []
    describing: set[Span] = set()
    for mention in mentions:
        row = mention.row
        if row.category == "FINDING" or (row.category == "DEVICE" and _has(mention, "MISPLACED")):
            found.append(mention)
        elif row.category == "SITE" and row.code.code in tables.abnormal_sites and (
                _has(mention, "ABNORMAL") or mention.span in sized or any(
                    m.span.of(page.low).endswith(_DENIED) for m in mention.modifiers)):
            concept = tables.abnormal_sites[row.code.code]
            found.append(mention._replace(row=replace(row, category="FINDING", code=concept)))
            describing.update(m.span for m in mention.modifiers
                              if m.category == "ABNORMAL" and m.span.end <= mention.span.start)
    if not found:
        return found
    if describing:
        found = [m for m in found if not any(span.covers(m.span) for span in describing)]
    sentence = page.sentences[number].span
    if page.marked[number] & marks.RULE:
        rule = _RULE.search(page.low, sentence.start, sentence.end)
        if rule is not None:
            found = [m for m in found if m.span.start < rule.start() or not _RULED.match(page.low, m.span.end)]
    if found and "%" in sentence.of(page.low):
        found = [m for m in found if not (_CHANCE.match(page.low, m.span.end)
                                          and _RISK.search(page.low, sentence.start, sentence.end))]
    if len(found) > 1 and found[0].span.start == sentence.start and _HEADING.match(page.low, found[0].span.end):
        head = found[0].span.of(page.low).rstrip("s")
        if any(m.row.code == found[0].row.code or head in m.span.of(page.low) for m in found[1:]):
            return found[1:]
    return found


def _has(mention: Mention, category: str) -> bool:
    return any(modifier.category == category for modifier in mention.modifiers)
