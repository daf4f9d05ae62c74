"""
The side that a finding has from what stands around it, where its own words name none.

A finding's explanation has the side of what it explains ("restricted diffusion in the right hemisphere, consistent with
infarction"), what stands under a label the side of that, the impression that of the findings it sums up, and in an
examination of one limb or breast everything is on its side. Under a label what is denied has a side too; else only what
is there, and only where nothing in the report speaks of another one.
"""

import re
from collections.abc import Sequence
from dataclasses import replace

from fhir_adapter.model.reading import Assertion, Finding, SectionKind, Sentence, SideMention
from fhir_adapter.model.report import Order, Side
from fhir_adapter.nlp import findings as finding_layer
from fhir_adapter.nlp import labels
from fhir_adapter.tables.language import LanguageTables

_THERE = {Assertion.PRESENT, Assertion.POSSIBLE}
_SEEN = {*_THERE, Assertion.ABSENT}
_ONE = (Side.LEFT, Side.RIGHT)
_FAR = 120
_TISSUES = {"272673000", "87784001", "39937001"}  # bone, soft tissue, skin: of whatever is examined
_EXPLAINS = re.compile(
    r"(?:[^;.:]|\.(?=\d))*\b(?:(?:consistent|compatible)\s+with|in\s+keeping\s+with|suspicious\s+for|concern(?:ing)?\s+for|"
    r"worrisome\s+for|suggest\w*|represent\w*|reflect\w*|likely|probabl[ey]|possibl[ey]|favor\w*|correspond\w*\s+to|diagnostic\s+of|"
    r"indicative\s+of|due\s+to|related\s+to|secondary\s+to|with|causing|resulting\s+in|containing|demonstrat\w+)\b"
    r"(?:[^;.:]|\.(?=\d))*",
    re.IGNORECASE)
_ANOTHER = re.compile(r"\b(?:another|additional|second|third|other|no|more|two|three|multiple|several)\b",
                      re.IGNORECASE)
_LOCATED = re.compile(r"\s*#?\s*\d{0,2}[.:]?\s*(?:location|site|position|laterality|side)\s*:\s*", re.IGNORECASE)
_WORD = re.compile(r"[a-z]+", re.IGNORECASE)
_ASKED = {SectionKind.HEADER, SectionKind.TECHNIQUE, SectionKind.INDICATION}
_SUMS_UP = {SectionKind.IMPRESSION, SectionKind.RECOMMENDATION, SectionKind.COMMUNICATION}


def inherited(text: str, found: Sequence[Finding], said: Sequence[SideMention], order: Order, first: Sentence | None,
              tables: LanguageTables) -> list[Finding]:
    """The same findings in order, each with the side that its context gives; `first` is the report's first sentence."""
    whole = _of_examination(said, order, first, tables)
    under = labels.sided(text, said)
    told: dict[str, set[Side]] = {}
    out: list[Finding] = []
    for plain in found:
        finding = plain
        if under and finding.side is None and finding.assertion in _SEEN and _sided(finding, tables):
            finding = replace(finding, side=labels.of(under, finding.span, finding.sentence.section))
        if _wants(finding, tables):
            finding = _located(text, finding, said)
        if _wants(finding, tables):
            finding = _explained(text, finding, out[-1] if out else None, tables)
            if finding.side is None and out and _same(text, out[-1], finding):
                finding = replace(finding, side=out[-1].side, sites=finding.sites or out[-1].sites)
            if finding.side is None and finding.sentence.section in _SUMS_UP:
                sides = told.get(finding.concept.code, set())
                finding = replace(finding, side=next(iter(sides))) if len(sides) == 1 else finding
            if finding.side is None and whole is not None and _local(finding, tables):
                finding = replace(finding, side=whole)
        if finding.side is not None and finding.assertion in _THERE and finding.sentence.section not in _SUMS_UP:
            told.setdefault(finding.concept.code, set()).add(finding.side)
        out.append(finding)
    return out


def _wants(finding: Finding, tables: LanguageTables) -> bool:
    return finding.side is None and finding.assertion in _THERE and _sided(finding, tables)


def _sided(finding: Finding, tables: LanguageTables) -> bool:
    code = finding.concept.code
    return code not in tables.sideless and code not in tables.diffuse


def _located(text: str, finding: Finding, said: Sequence[SideMention]) -> Finding:
    """With the side that the next field gives ("Nodule 1\\nLocation: right mid")."""
    field = _LOCATED.match(text, finding.span.end)
    if field is None:
        return finding
    return next((replace(finding, side=mention.side) for mention in said
                 if field.end() <= mention.span.start <= field.end() + 2), finding)


def _same(text: str, before: Finding, finding: Finding) -> bool:
    """Whether the next sentence of a line speaks of the same thing again ("Nodule: right, 9 mm. TI-RADS 4 nodule.")."""
    between = text[before.span.end : finding.span.start]
    return (before.side in _ONE and before.sentence is not finding.sentence and len(between) <= _FAR
            and "\n" not in between and before.span.of(text).lower() == finding.span.of(text).lower()
            and _ANOTHER.search(between) is None)


def _explained(text: str, finding: Finding, before: Finding | None, tables: LanguageTables) -> Finding:
    """With side and sites of the finding just before it in its sentence, if it explains or comes with that one."""
    if before is None or before.sentence is not finding.sentence or before.side not in _ONE or finding.sites or (
            before.assertion not in _THERE or finding.span.start - before.span.end > _FAR):
        return finding
    if not _EXPLAINS.fullmatch(text, before.span.end, finding.span.start):
        return finding
    return replace(finding, side=before.side, sites=before.sites,
                   concept=finding_layer.refined(finding.concept, before.sites, tables))


def _of_examination(said: Sequence[SideMention], order: Order, first: Sentence | None, tables: LanguageTables,
                    ) -> Side | None:
    """The one side of an examination of a limb or breast; None where the report speaks of the other one too."""
    sides = {mention.side for mention in said if mention.sentence.section is not SectionKind.COMPARISON}
    side = order.side if order.side in sides or not sides else next(iter(sides)) if len(sides) == 1 else None
    if side not in _ONE or (order.side is not None and side is not order.side):
        return None
    named = {tables.site_words[word].code for word in map(str.lower, _WORD.findall(order.text))
             if word in tables.site_words} if order.side else set()
    named |= {mention.site.code.code for mention in said if mention.site is not None
              and (mention.sentence.section in _ASKED or mention.sentence is first)}
    return side if any(_one_sided(code, tables) for code in named) else None


def _one_sided(code: str, tables: LanguageTables) -> bool:
    return any(site in tables.one_sided for site in finding_layer.within(code, tables))


def _local(finding: Finding, tables: LanguageTables) -> bool:
    return all(site.code.code in _TISSUES or _one_sided(site.code.code, tables) for site in finding.sites)
