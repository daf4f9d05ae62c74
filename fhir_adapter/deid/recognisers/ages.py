"""Ages over 89 and the years of birth that tell one (45 CFR 164.514(b)(2)(i)(C)); younger ages stay for the engine."""

import re
from collections.abc import Iterator
from datetime import date

from fhir_adapter.deid.hits import Hit
from fhir_adapter.deid.scanner import Seen
from fhir_adapter.model.span import Span

_ONES = "one|two|three|four|five|six|seven|eight|nine"
_TEENS = "ten|eleven|twelve|thirteen|fourteen|fifteen|sixteen|seventeen|eighteen|nineteen"
_FIGURES = r"9\d|1[0-4]\d"
_WORDS = rf"ninety(?:[\s-]?(?:{_ONES}))?|(?:a|one)[\s-]hundred(?:[\s-](?:and[\s-])?(?:{_ONES}|{_TEENS}|twenty))?"
_UNIT = r"(?:years?|yrs?\.?|y\.?\s?o\.?|y/o|yo|y)\b"
_AGE = re.compile(
    rf"(?<![\w.,/-])(?:(?:{_FIGURES})(?=\s*-?\s*{_UNIT})|(?:{_WORDS})(?=[\s-]*years?\b)|"
    rf"(?:{_FIGURES})(?=(?-i:[FM])\b|\s(?:fe)?male\b|\s?(?-i:[FM])\s(?:with|who|presents|here|s/p|status)\b))|"
    rf"(?:(?<=\baged )|(?<=\bage )|(?<=\bage: )|(?<=\bage of )|(?<=\bage is )|(?<=\bturned )|(?<=\bturning ))"
    rf"(?:{_FIGURES}|{_WORDS})\b", re.IGNORECASE)
_DECADE = re.compile(r"\bin\s(?:his|her|their|the)\s(?:early\s|late\s|mid[\s-]?)?(?P<age>90['’]?s|nineties)\b",
                     re.IGNORECASE)
_NOUN = re.compile(r"\b(?:nonagenarian|(?:super)?centenarian)\b", re.IGNORECASE)
_BIRTH = re.compile(r"\b(?:d\.?o\.?b\.?|date\sof\sbirth|birth\s?date|year\sof\sbirth|born)\b\s?:?\s?(?:is\s|in\s|on\s)?"
                    r"(?P<day>[\w./-]{0,12}(?:,?\s\w{1,9}){0,2}?[,\s./-]{0,2}(?P<year>(?:18|19|20)\d\d))\b",
                    re.IGNORECASE)
_SPOKEN_YEAR = re.compile(r"\b(?:d\.?o\.?b\.?|birth|born)\b[^.\n]{0,12}?(?P<day>nineteen[\s-](?:oh[\s-])?[a-z]+(?:[\s-]"
                          rf"(?:{_ONES}))?)\b", re.IGNORECASE)
_OLDEST = 90


_SPOKEN = frozenset({"ninety", "hundred"})
CUES = _SPOKEN | frozenset({"nonagenarian", "centenarian", "supercentenarian", "nineties", "90s", "90's", "dob",
                  "d.o.b", "birth", "birthdate", "born"})
_MAYBE = re.compile(r"9\d|1[0-4]\d")


def find(seen: Seen, near: date | None = None) -> Iterator[Hit]:
    """Each age of ninety or more, and each date of birth that tells one in the year of `near`."""
    text = seen.text
    spoken = _AGE.finditer(text) if seen.has(_SPOKEN) else ()
    figures = (_AGE.match(text, maybe.start()) for maybe in _MAYBE.finditer(text))
    for match in (*spoken, *(match for match in figures if match)):
        if match.group() == "90" and text[match.end() : match.end() + 1] == "+":
            continue
        yield _hit(Span(*match.span()), "90+", "over 89")
    if not seen.has(CUES):
        return
    for match in _DECADE.finditer(text):
        yield _hit(Span(*match.span("age")), "90+", "nineties")
    for match in _NOUN.finditer(text):
        yield _hit(Span(*match.span()), "90+-year-old", "over 89 in a word")
    this_year = (near or date.today()).year
    for match in _BIRTH.finditer(text):
        if this_year - int(match["year"]) >= _OLDEST:
            yield _hit(Span(*match.span("day")), "[DATE]", "date of birth", rank=0)
    for match in _SPOKEN_YEAR.finditer(text):
        yield _hit(Span(*match.span("day")), "[DATE]", "year of birth in words", rank=0)


def _hit(span: Span, replacement: str, rule: str, rank: int = 2) -> Hit:
    return Hit(span=span, replacement=replacement, recogniser="age", rule=rule,
               why="an age over 89 singles out a person", rank=rank)
