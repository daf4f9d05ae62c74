"""
The patient's age and sex as the text tells them.

A false alarm costs more trust than a miss: ages that belong to relatives, fetuses, fractures, rules or other times, and
sex words of clinicians, relatives, fetuses, templates for both sexes and denied conditions are none.
"""

import re
from collections.abc import Iterator, Sequence

from fhir_adapter.model.reading import AgeMention, SectionKind, Sentence, SexMention
from fhir_adapter.model.report import Age, AgeUnit, Sex
from fhir_adapter.model.span import Span
from fhir_adapter.nlp import hints
from fhir_adapter.nlp.once import once
from fhir_adapter.nlp.phrases import pattern
from fhir_adapter.tables.language import LanguageTables, SexRow

_UNITS = {"y": AgeUnit.YEARS, "m": AgeUnit.MONTHS, "w": AgeUnit.WEEKS, "d": AgeUnit.DAYS}
_PERSON = (r"(?:male|female|man|woman|boy|girl|patient|pt\b|infant|child|toddler|newborn|neonate|baby|gentleman|lady|"
           r"teenager|adolescent|individual|smoker|athlete|m\b|f\b)")
_AGE = re.compile(
    r"(?<![\w.,/-])(?P<n>\d{1,3})(?P<plus>\+)?[\s-]*(?:(?P<unit>years?|yrs?|months?|mos?|weeks?|wks?|days?)"
    rf"(?:[\s-]*old\b|\s+of\s+age\b|[\s-]+(?={_PERSON}))|(?P<short>y)(?:[\s./-]*o\b\.?|rs?\.?[\s-]*old\b)"
    rf"|(?P<bare>[\s-]?)(?=[MF]\b\s*(?:,|with|who|presents|s/p|status)))"
    r"|(?<=male, )(?P<said>\d{1,3})\s*(?:years?|yrs?|y/?o)\b"
    r"|\b(?:aged|(?<!bone )(?<!skeletal )(?<!gestational )(?<!fetal )(?<!menstrual )(?<!vascular )(?<!arterial )"
    r"(?<!heart )(?<!lung )(?<!brain )age(?::|\s+of|\s+is)?)\s+(?P<aged>\d{1,3})(?P<aplus>\+)?"
    r"(?:\s*-?\s*(?P<aunit>years?|yrs?|months?|weeks?|days?|y)\b)?(?!\s*(?:mm|cm|%|[-–]\s*\d|to\s+\d|and\s+\d|or\s+old))(?!\d|\.\d)",
    re.IGNORECASE)
_WORD = re.compile(r"\w+")
_AGED = re.compile(r"\d|year|\bage|old\b", re.IGNORECASE)
# What may follow "54-year-old": the person, a complaint, the end; not "old fracture".
_FOLLOWS = re.compile(rf"\s*(?:$|[,.;:)\n]|[-\s]*(?:[\w-]+\s+){{0,3}}?{_PERSON}|with|who|presents?|presenting|status|"
                      r"s/p|now|for\b|and\b|here|after|post|undergoing|in\b|complain|evaluat|has|had|is|was|admitted|involved)",
                      re.IGNORECASE)
_OTHER_THING = re.compile(r"[-\s]*(?:\w+\s+){0,2}?(?:fractures?|scars?|infarcts?|study|exam\w*|injury|films?|"
                          r"hematomas?|grafts?|stents?|prosthes\w+|surgery|comparison|abscess\w*|thrombus|donor|"
                          r"fetus)\b", re.IGNORECASE)
_RELATIVE = re.compile(
    r"\b(?:mother|father|sister|brother|siblings?|aunt|uncle|grandmother|grandfather|grandparents?|daughter|son|husband|"
    r"wife|spouse|partner|family|maternal|paternal|cousin|parents?|donor|caregiver|girlfriend|boyfriend|\[RELATIVE)",
    re.IGNORECASE)
_FETUS = re.compile(r"\b(?:fet(?:us|al|uses)|twins?|gender|embryo\w*)\b", re.IGNORECASE)
_CLINICIAN = re.compile(r"\b(?:drs?|clinician|physician|nurse|provider|technologist|sonographer|radiologist|surgeon|"
                        r"doctor|resident|attending|midwife|assistant)\b|\[CLINICIAN|\[PERSON", re.IGNORECASE)
_OTHER_TIME = re.compile(r"\b(?:at|since|from|by|until|before|after|over|above|under|below|than|between|beginning|"
                         r"starting|older|younger)\s+(?:the\s+|an?\s+)?$", re.IGNORECASE)
_RULE = re.compile(r"\b(?:percentile|average)\b|"
                   r"\b(?:women|men|patients|adults|persons|individuals|children|infants)\s+(?:\w+\s+){0,2}$|"
                   r"\b(?:guideline|recommended\s+for|screening\s+(?:is|should))", re.IGNORECASE)


def ages(text: str, sentences: Sequence[Sentence]) -> Iterator[AgeMention]:
    """Each mention of the patient's age now; not a relative's, nor the age at which something happened."""
    for sentence in sentences:
        start, end = sentence.span.start, sentence.span.end
        if _AGED.search(text, start, end) is None:
            continue
        for match in _AGE.finditer(text, start, end):
            before = text[start : match.start()]
            if _RELATIVE.search(text, start, end) or _OTHER_TIME.search(before[-24:]) or _RULE.search(before):
                continue
            stop = match.end()
            opens = sentence.section is SectionKind.INDICATION and not before.strip(" \n-:")
            follows = opens or _FOLLOWS.match(text, stop, end)  # "INDICATION: 57-year-old chest pain"
            if match["n"] and (_OTHER_THING.match(text, stop, end) or not follows):
                continue
            if match["bare"] is not None and (sentence.section is not SectionKind.INDICATION or before.strip()):
                continue
            number = int(match["n"] or match["aged"] or match["said"])
            unit = _UNITS[(match["unit"] or match["short"] or match["aunit"] or "y")[0].lower()]
            if number > 130:
                continue
            span = Span(match.start(), match.start() + len(match.group().rstrip(" -")))
            yield AgeMention(span=span, sentence=sentence,
                             age=Age(value=number, unit=unit, at_least=bool(match["plus"] or match["aplus"])))


_DENIED = re.compile(r"\b(?:no|not|without|absent|negative for|rule out|evaluate for|denies|non-?)\b[^.;]{0,25}$",
                     re.IGNORECASE)
_BLANK = re.compile(r"\s*(?:status|test)?\s*[:?]?\s*(?:n/?a\b|no\b|not\s+applicable|none\b|unknown|negative|denied)",
                    re.IGNORECASE)
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
def _compiled(rows: tuple[SexRow, ...]) -> tuple[dict[str, SexRow], frozenset[str], re.Pattern[str]]:
    """The rows by their words, the first word of each, and one pattern of all."""
    known = {row.literal: row for row in rows}
    return known, frozenset(_WORD.findall(literal)[0] for literal in known), pattern(tuple(known))


def sexes(text: str, sentences: Sequence[Sentence], tables: LanguageTables) -> Iterator[SexMention]:
    """Each word that implies the patient's sex; not a relative's, not a fetus's, not a denied organ or condition."""
    rows, firsts, words = _compiled(tables.sexes)
    likely = set(hints.hinted(text, sentences, tuple(firsts.intersection(_WORD.findall(hints.lowered(text))))))
    for sentence in sentences:
        if sentence.section is SectionKind.INDICATION:
            letter = _LETTER.match(text, sentence.span.start, sentence.span.end)
            if letter:
                yield SexMention(span=Span(*letter.span("sex")), sentence=sentence, rule="age and letter",
                                 sex=Sex.FEMALE if letter["sex"].upper() == "F" else Sex.MALE)
        if sentence.section in (SectionKind.SIGNATURE, SectionKind.COMMUNICATION):
            continue  # "he" and "she" there are clinicians
        if sentence not in likely:
            continue
        start, end = sentence.span.start, sentence.span.end
        found = [(m, rows[" ".join(m.group().lower().split())]) for m in words.finditer(text, start, end)]
        if not found or _RELATIVE.search(text, start, end):
            continue
        both = len({row.sex for _, row in found}) > 1  # a template for both: "uterus/prostate"
        fetus = _FETUS.search(text, start, end) is not None
        clinician = _CLINICIAN.search(text, start, end) is not None
        for match, row in found:
            if both or not _counts(text, sentence, match, row, fetus=fetus, clinician=clinician):
                continue
            yield SexMention(span=Span(*match.span()), sex=row.sex, sentence=sentence,
                             rule=f"sexes.csv {row.kind} {row.literal}")


def _counts(text: str, sentence: Sentence, match: re.Match[str], row: SexRow, *, fetus: bool, clinician: bool) -> bool:
    before = text[sentence.span.start : match.start()]
    if _DENIED.search(before) or _BLANK.match(text, match.end(), sentence.span.end):
        return False
    if row.kind == "title":
        return match.group().istitle() and _NAMED.match(text, match.end()) is not None
    if (row.kind == "pronoun" and clinician) or (fetus and (row.kind in ("noun", "pronoun") or row.sex is Sex.MALE)):
        return False
    ahead, behind = _NOT_HERE.get(row.literal, (None, None))
    return not ((ahead and ahead.search(before)) or (behind and behind.match(text, match.end())))
