"""
The patient's age and sex as the text tells them.

A false alarm costs more trust than a miss: ages that belong to relatives, fetuses, fractures, rules or other times, and
sex words of clinicians, relatives, fetuses, templates for both sexes and denied conditions are none.
"""

import re
from collections.abc import Iterator

from fhir_adapter.model.reading import AgeMention, SectionKind, Sentence, SexMention
from fhir_adapter.model.report import Age, AgeUnit, Sex
from fhir_adapter.model.span import Span
from fhir_adapter.nlp import marks
from fhir_adapter.nlp.lower import lower
from fhir_adapter.nlp.page import Page
from fhir_adapter.nlp.phrases import pattern
from fhir_adapter.tables.language import LanguageTables, SexRow
from fhir_adapter.tables.once import once

_INDICATION, _OF_CLINICIANS = SectionKind.INDICATION, (SectionKind.SIGNATURE, SectionKind.COMMUNICATION)
_UNITS = {"y": AgeUnit.YEARS, "m": AgeUnit.MONTHS, "w": AgeUnit.WEEKS, "d": AgeUnit.DAYS}
_PERSON = (r"(?:male|female|man|woman|boy|girl|patient|pt\b|infant|child|toddler|newborn|neonate|baby|gentleman|lady|"
           r"teenager|adolescent|individual|smoker|athlete|m\b|f\b)")
_AGE = lower(
    r"(?<![\w.,/-])(?P<n>\d{1,3})(?P<plus>\+)?[\s-]*(?:(?P<unit>years?|yrs?|months?|mos?|weeks?|wks?|days?)"
    rf"(?:[\s-]*old\b|\s+of\s+age\b|[\s-]+(?={_PERSON}))|(?P<short>y)(?:[\s./-]*o\b\.?|rs?\.?[\s-]*old\b)"
    rf"|(?P<bare>[\s-]?)(?=[MF]\b\s*(?:,|with|who|presents|s/p|status)))"
    r"|(?<=male, )(?P<said>\d{1,3})\s*(?:years?|yrs?|y/?o)\b"
    r"|\b(?:aged|(?<!bone )(?<!skeletal )(?<!gestational )(?<!fetal )(?<!menstrual )(?<!vascular )(?<!arterial )"
    r"(?<!heart )(?<!lung )(?<!brain )age(?::|\s+of|\s+is)?)\s+(?P<aged>\d{1,3})(?P<aplus>\+)?"
    r"(?:\s*-?\s*(?P<aunit>years?|yrs?|months?|weeks?|days?|y)\b)?(?!\s*(?:mm|cm|%|[-–]\s*\d|to\s+\d|and\s+\d|or\s+old))(?!\d|\.\d)")
# What may follow "54-year-old": the person, a complaint, the end; not "old fracture".
_FOLLOWS = lower(rf"\s*(?:$|[,.;:)\n]|[-\s]*(?:[\w-]+\s+){{0,3}}?{_PERSON}|with|who|presents?|presenting|status|"
                      r"s/p|now|for\b|and\b|here|after|post|undergoing|in\b|complain|evaluat|has|had|is|was|admitted|involved)")
_OTHER_THING = lower(r"[-\s]*(?:\w+\s+){0,2}?(?:fractures?|scars?|infarcts?|study|exam\w*|injury|films?|"
                          r"hematomas?|grafts?|stents?|prosthes\w+|surgery|comparison|abscess\w*|thrombus|donor|"
                          r"fetus)\b")
_RELATIVE = lower(
    r"\b(?:mother|father|sister|brother|siblings?|aunt|uncle|grandmother|grandfather|grandparents?|daughter|son|husband|"
    r"wife|spouse|partner|family|maternal|paternal|cousin|parents?|donor|caregiver|girlfriend|boyfriend|\[RELATIVE)")
_FETUS = lower(r"\b(?:fet(?:us|al|uses)|twins?|gender|embryo\w*)\b")
_CLINICIAN = lower(r"\b(?:drs?|clinician|physician|nurse|provider|technologist|sonographer|radiologist|surgeon|"
                        r"doctor|resident|attending|midwife|assistant)\b|\[CLINICIAN|\[PERSON")
_OTHER_TIME = lower(r"\b(?:at|since|from|by|until|before|after|over|above|under|below|than|between|beginning|"
                         r"starting|older|younger)\s+(?:the\s+|an?\s+)?$")
_RULE = lower(r"\b(?:percentile|average)\b|"
                   r"\b(?:women|men|patients|adults|persons|individuals|children|infants)\s+(?:\w+\s+){0,2}$|"
                   r"\b(?:guideline|recommended\s+for|screening\s+(?:is|should))")


def ages(page: Page) -> Iterator[AgeMention]:
    """Each mention of the patient's age now; not a relative's, nor the age at which something happened."""
    low = page.low
    for sentence, held in zip(page.sentences, page.marked, strict=True):
        asked = sentence.section is _INDICATION
        if not (asked or held & marks.AGE):
            continue
        start, end = sentence.span.start, sentence.span.end
        for match in _AGE.finditer(low, start, end):
            before = low[start : match.start()]
            if _RELATIVE.search(low, start, end) or _OTHER_TIME.search(before[-24:]) or _RULE.search(before):
                continue
            stop = match.end()
            opens = asked and not before.strip(" \n-:")
            follows = opens or _FOLLOWS.match(low, stop, end)  # "INDICATION: 57-year-old chest pain"
            if match["n"] and (_OTHER_THING.match(low, stop, end) or not follows):
                continue
            if match["bare"] is not None and (not asked or before.strip()):
                continue
            number = int(match["n"] or match["aged"] or match["said"])
            unit = _UNITS[(match["unit"] or match["short"] or match["aunit"] or "y")[0]]
            if number > 130:
                continue
            span = Span(match.start(), match.start() + len(match.group().rstrip(" -")))
            yield AgeMention(span=span, sentence=sentence,
                             age=Age(value=number, unit=unit, at_least=bool(match["plus"] or match["aplus"])))


_DENIED = lower(r"\b(?:no|not|without|absent|negative for|rule out|evaluate for|denies|non-?)\b[^.;]{0,25}$")
_BLANK = lower(r"\s*(?:status|test)?\s*[:?]?\s*(?:n/?a\b|no\b|not\s+applicable|none\b|unknown|negative|denied)")
_NOT_HERE = {
    "his": (re.compile(r"\bbundle\s+of\s+$", re.IGNORECASE), None),
    "her": (None, re.compile(r"-?\s?2|/neu")),
    "adnexa": (re.compile(r"\b(?:ocular|orbital|skin|cutaneous)\s+$", re.IGNORECASE), None),
    "adnexal": (re.compile(r"\b(?:ocular|orbital|skin|cutaneous)\s+$", re.IGNORECASE), None),
    "varicocele": (re.compile(r"\bpelvic\s+$", re.IGNORECASE), None),
    "man": (None, re.compile(r"-?made|euver")),
    "placenta": (None, re.compile(r"-like")),
    "male": (None, re.compile(r"\s+(?:connector|pattern|adapter|relative)")),
    "female": (None, re.compile(r"\s+(?:connector|pattern|adapter|relative)")),
}
# "54F with cough", "54 y/o M"
_LETTER = re.compile(r"\s*\d{1,3}\+?\s*-?\s*(?:y/?o|y\.o\.|years?[\s-]old|yrs?)?\s*(?P<sex>[MF])\b"
                     r"(?=\s*(?:,|with|w/|who|presents|s/p|status))")
_NAMED = re.compile(r"\s+(?:\[|[A-Z])")


@once
def _compiled(rows: tuple[SexRow, ...]) -> tuple[dict[str, SexRow], re.Pattern[str]]:
    """The rows by their words, and one pattern of all."""
    known = {row.literal: row for row in rows}
    return known, pattern(tuple(known))


def sexes(page: Page, tables: LanguageTables) -> Iterator[SexMention]:
    """Each word that implies the patient's sex; not a relative's, not a fetus's, not a denied organ or condition."""
    low = page.low
    for sentence, held in zip(page.sentences, page.marked, strict=True):
        start, end = sentence.span.start, sentence.span.end
        if sentence.section is _INDICATION:
            letter = _LETTER.match(page.text, start, end)
            if letter:
                yield SexMention(span=Span(*letter.span("sex")), sentence=sentence, rule="age and letter",
                                 sex=Sex.FEMALE if letter["sex"].upper() == "F" else Sex.MALE)
        if not held & marks.SEX or sentence.section in _OF_CLINICIANS:
            continue  # "he" and "she" there are clinicians
        rows, words = _compiled(tables.sexes)
        found = [(m, rows[" ".join(m.group().split())]) for m in words.finditer(low, start, end)]
        if not found or _RELATIVE.search(low, start, end):
            continue
        both = len({row.sex for _, row in found}) > 1  # a template for both: "uterus/prostate"
        fetus = _FETUS.search(low, start, end) is not None
        clinician = _CLINICIAN.search(low, start, end) is not None
        for match, row in found:
            if both or not _counts(page, sentence, match, row, fetus=fetus, clinician=clinician):
                continue
            yield SexMention(span=Span(*match.span()), sex=row.sex, sentence=sentence,
                             rule=f"sexes.csv {row.kind} {row.literal}")


def _counts(page: Page, sentence: Sentence, match: re.Match[str], row: SexRow, *, fetus: bool, clinician: bool,
            ) -> bool:
    low = page.low
    before = low[sentence.span.start : match.start()]
    if _DENIED.search(before) or _BLANK.match(low, match.end(), sentence.span.end):
        return False
    if row.kind == "title":
        written = page.text[match.start() : match.end()]
        return written.istitle() and _NAMED.match(page.text, match.end()) is not None
    if (row.kind == "pronoun" and clinician) or (fetus and (row.kind in ("noun", "pronoun") or row.sex is Sex.MALE)):
        return False
    ahead, behind = _NOT_HERE.get(row.literal, (None, None))
    return not ((ahead and ahead.search(before)) or (behind and behind.match(page.text, match.end())))
