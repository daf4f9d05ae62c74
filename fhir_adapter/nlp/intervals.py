"""When a follow-up is due, as written: "in 6 months", "3-6 months", "within one year", "annually", "short-term"."""

import re
from collections.abc import Iterator
from dataclasses import replace

from fhir_adapter.model.reading import Interval, IntervalUnit
from fhir_adapter.model.span import Span
from fhir_adapter.nlp.lower import lower

_WORDS = {"one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8, "nine": 9, "ten": 10,
          "eleven": 11, "twelve": 12, "eighteen": 18, "twenty-four": 24, "twenty four": 24, "a couple of": 2,
          "couple of": 2, "a": 1, "an": 1}
_UNITS = {"h": IntervalUnit.HOURS, "d": IntervalUnit.DAYS, "w": IntervalUnit.WEEKS, "m": IntervalUnit.MONTHS,
          "y": IntervalUnit.YEARS}
_UNIT = r"(?P<unit>hours?|hrs?|days?|weeks?|wks?|months?|mos?|years?|yrs?)\b(?:['’]s?(?!\w)|\.(?=\s+[a-z]))?"
_N = r"(?:\d{1,3}|" + "|".join(sorted(_WORDS, key=len, reverse=True)) + r")(?![\w.]\d)"
_BACK = (r"ago|prior|earlier|previous(?:ly)?|of\s+stability|stab\w+|history|apart|of\s+age|olds?|risk|survival|before|"
         r"(?:and|or)\s+(?:older|younger|over|under|above)")
_SPAN = lower(
    rf"(?:(?P<within>\b(?:within|in\s+less\s+than|in\s+under|no\s+later\s+than|not\s+later\s+than|over|during|in)"
    rf"(?:\s+the)?\s+(?:next|coming|following)|\bwithin|\bno\s+later\s+than|\bin\s+less\s+than|\bby)\s+(?:the\s+)?"
    rf"|(?P<every>\b(?:every|each|q\.?)\s?)|(?P<lasting>\b(?:for|over|x)\s+(?:a\s+total\s+of\s+|up\s+to\s+|at\s+least\s+|"
    rf"the\s+next\s+)?)|(?P<at>\b(?:in|at|after|between)\s+(?:(?:approximately|about|around|roughly|an?\s+additional|"
    rf"at\s+least|another|the)\s+)?))?"
    rf"(?:(?<![\w.])|(?<=\bq))(?P<numbers>{_N}(?:(?:\s*,\s*(?:and\s+)?|\s+and\s+){_N})*?)"
    rf"(?:\s*-?\s*(?:{_UNIT.replace('unit', 'unit0')})?\s*(?P<to>-|–|—|to|or|and)\s*-?\s*(?P<high>{_N}))?"
    rf"[\s-]*{_UNIT}(?!\s*-?\s*(?:{_BACK})\b)")
_PAST = lower(r"\b(?:past|last|previous|prior|preceding|since|ago|stable\s+(?:for|over)|unchanged\s+(?:for|over)|"
                   r"at\s+age|aged|age\s+of|old)\s+(?:at\s+least\s+)?$")
# An age, as a guideline names patients by it.
_AGE = lower(r"\b(?:older|younger)\s+than\s+$|\b(?:patients?|wom[ae]n|m[ae]n|individuals?|adults?|persons?|"
                  r"people|those|child(?:ren)?|smokers?|fe?males?)\s+(?:who\s+are\s+|aged\s+)?(?:over|under|above|below|at\s+least|aged|of|"
                  r"between|less\s+than|more\s+than|greater\s+than|[<>≥≤])?\s*$")
_STABLE = lower(r"\b(?:stable|stability|unchanged|present|known|treated|followed)\s+$")
_EVERY = lower(
    r"\b(?:(?P<year>annual(?:ly)?|yearly|once\s+a\s+year|every\s+year|each\s+year)|(?P<half>semi-?\s?annual(?:ly)?|"
    r"bi-?annual(?:ly)?|twice\s+(?:a\s+year|yearly))|(?P<two>biennial(?:ly)?|every\s+other\s+year)|"
    r"(?P<quarter>quarterly)|(?P<month>monthly)|(?P<week>weekly))\b(?!\s+(?:risk|incidence))")
_EACH = {"year": (1, IntervalUnit.YEARS), "half": (6, IntervalUnit.MONTHS), "two": (2, IntervalUnit.YEARS),
         "quarter": (3, IntervalUnit.MONTHS), "month": (1, IntervalUnit.MONTHS), "week": (1, IntervalUnit.WEEKS)}
_VAGUE = lower(r"\b(?:short(?:er)?[\s-]+(?:term|interval)|near[\s-]+term|(?:in|within)\s+(?:a\s+few|several)\s+"
                    r"(?:days|weeks|months)|in\s+the\s+near\s+future)\b")
# "in 3/12", months, and "in 6/52", weeks, as British reports write.
_SHARE = lower(r"\b(?:in|at|after)\s+(?P<number>\d{1,2})\s?/\s?(?P<of>12|52)(?![\d/])")
_TOMORROW = lower(r"\btomorrow\b|\b(?:the\s+)?(?:next|following)\s+(?:day|morning)\b")
_TIMES = lower(r"(?:h(?:r|our)|day|w(?:k|eek)|mo(?:nth)?|y(?:r|ear))s?\b")
_MAYBE = lower(r"\d|annual|year|month|week|day|hour|short|near|several|few|tomorrow|next|quarterly|bienn")


def find(low: str, within: Span) -> tuple[Interval, ...]:
    """The intervals in one stretch of a text in lower case, in order; ages, and times that look back, are none."""
    if _MAYBE.search(low, within.start, within.end) is None:
        return ()
    found: list[Interval] = []
    if _TIMES.search(low, within.start, within.end):
        for match in _SPAN.finditer(low, within.start, within.end):
            interval = _read(low, match, within)
            if interval is not None:
                found.append(interval)
    taken = [i.span for i in found]
    more = [i for i in _worded(low, within) if not any(i.span.overlaps(span) for span in taken)]
    precise = [i for i in more if not i.vague]
    # "short-term follow-up in 3 months" says when
    vague = [] if found or precise else [i for i in more if i.vague]
    return tuple(sorted(_lasting(low, [*found, *precise, *vague]), key=lambda i: i.span))


def _read(low: str, match: re.Match[str], within: Span) -> Interval | None:
    before = low[max(within.start, match.start() - 30) : match.start()]
    if _PAST.search(before) or _AGE.search(before) or (match["lasting"] and _STABLE.search(before)):
        return None
    numbers = [_number(n) for n in re.findall(_N, match["numbers"])]
    unit = _UNITS[match["unit"][0].lower()]
    high = _number(match["high"]) if match["high"] else None
    lead = len(match.group()) - len(match.group().lstrip())
    span = Span(match.start() + lead, match.end())
    series: tuple[int, ...] = ()
    listed = high is not None and match["to"].lower() == "and" and not match.group().lower().startswith("between")
    if high is not None and (listed or len(numbers) > 1):
        series = (*numbers, high)
    elif len(numbers) > 1:
        series = tuple(numbers)
    if series:
        return Interval(span=span, unit=unit, low=series[0], high=series[-1], series=series)
    if match["unit0"] and high is not None:
        unit0 = _UNITS[match["unit0"][0].lower()]
        if unit0 is not unit:  # "6 months to 1 year"
            factor = {(IntervalUnit.MONTHS, IntervalUnit.YEARS): 12, (IntervalUnit.WEEKS, IntervalUnit.MONTHS): 4,
                      (IntervalUnit.DAYS, IntervalUnit.WEEKS): 7}.get((unit0, unit))
            if factor is None:
                return None
            unit, high = unit0, high * factor
    if match["every"]:
        return Interval(span=span, unit=unit, low=numbers[0], high=high, repeats=True)
    if (match["within"] or match["lasting"]) and high is None:
        return Interval(span=span, unit=unit, high=numbers[0])
    return Interval(span=span, unit=unit, low=numbers[0], high=high)


def _worded(low: str, within: Span) -> Iterator[Interval]:
    for match in _EVERY.finditer(low, within.start, within.end):
        number, unit = _EACH[str(match.lastgroup)]
        yield Interval(span=Span(*match.span()), unit=unit, low=number, repeats=True)
    for match in _SHARE.finditer(low, within.start, within.end):
        unit = IntervalUnit.MONTHS if match["of"] == "12" else IntervalUnit.WEEKS
        yield Interval(span=Span(*match.span()), unit=unit, low=int(match["number"]))
    for match in _TOMORROW.finditer(low, within.start, within.end):
        yield Interval(span=Span(*match.span()), unit=IntervalUnit.DAYS, low=1)
    for match in _VAGUE.finditer(low, within.start, within.end):
        yield Interval(span=Span(*match.span()), unit=IntervalUnit.MONTHS, vague=True)


def _lasting(low: str, found: list[Interval]) -> list[Interval]:
    """Join "annually" or "every 6 months" with a following "for 5 years"."""
    ordered = sorted(found, key=lambda i: i.span)
    out: list[Interval] = []
    for interval in ordered:
        last = out[-1] if out else None
        if (last and last.repeats and last.lasting is None and interval.low is None and interval.high is not None
                and interval.span.of(low).lower().startswith(("for", "x", "over"))):
            out[-1] = replace(last, lasting=(interval.high, interval.unit))
        else:
            out.append(interval)
    return out


def _number(word: str) -> int:
    return int(word) if word.isdigit() else _WORDS[re.sub(r"\s+", " ", word.lower())]
