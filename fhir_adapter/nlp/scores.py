"""
Dictated scores and categories: BI-RADS 4A, T-score -2.5, Tyrer-Cuzick 18%. Nothing is computed.

A value that its system does not have is kept as not legal. Explanations of a scale, scores of earlier reports and
scores that are asked for (indication) are none.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from fhir_adapter.model.reading import Score, SectionKind, Sentence
from fhir_adapter.model.span import Span
from fhir_adapter.nlp import marks, sides
from fhir_adapter.nlp.lower import lower
from fhir_adapter.nlp.page import Page
from fhir_adapter.tables.extraction import ScoreRow
from fhir_adapter.tables.once import once

_SILENT = {SectionKind.INDICATION, SectionKind.COMPARISON, SectionKind.SIGNATURE}
_ROMAN = {"I": "1", "II": "2", "III": "3", "IV": "4"}
_FILL = (r"(?:\s*(?:®|™|\(r\)|\(tm\)|v(?:ersion|er)?\.?\s*\d{1,4}(?:\.\d)?|(?:19|20)\d\d(?!\d)|\d\.\d(?=\s+[a-z])|"
         r"\d(?:st|nd|rd|th)\s+edition|(?:final|overall|assessment|category|cat\.?|scores?|classification|code|grading|"
         r"grade|level|impression|is|are|of|was|as|to|a|the|an|at|acr|total|assigned|equals|stage|number|us|risk|scale|"
         r"patient|individual|highest|suspicion|study|exam|index|lesion|based|on|in|for|both|right|left|bilateral|"
         r"breasts?|mammogram\w*)\b|[:=#(,–-](?!\s*\d+\s*\)))){0,9}\s*")
_SITES = (r"(?:\s*(?:at|of|in|for|the|is|was|are|were|a|measur\w+|values?|lumbar|spine|femoral|femur|neck|total|hip|"
          r"left|right|forearm|radius|distal|proximal|lowest|calculated|corresponding|mean|average|score|L\d\s?-\s?L?\d|=|:|"
          r",|\(|\))){0,12}\s*")
_CATEGORY = (r"(?P<value>[0-9]{1,2}[a-z]{0,2}|[A-Z]{1,3})(?![\w%]|\.\d)"
             r"(?!\s*(?:%|mm\b|cm\b|points?\b|years?\b|months?\b|o.?clock|:\d))")
_NUMBER = (r"(?P<value>(?:minus\s+|[-−–+]\s?)?(?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d+)?|zero)"
           r"(?![\w%]|\.\d)(?!\s*(?:%|mm\b|cm\b))")
_PERCENT = lower(r"(?<![\d.])(?P<value>\d{1,3}(?:\.\d+)?)(?:\s*(?:-|–|to)\s*(?P<high>\d{1,3}(?:\.\d+)?))?\s*"
                      r"(?:%|percent)")
_COMPARED = lower(r"(?:>|<|≥|≤|greater|more|less|at least|exceed\w*|over|above|below|under|average|population)\s*"
                       r"(?:than|or equal to|is|of|risk|woman|women|:|=|\s)*$")
_EARLIER = lower(r"\b(?:previous(?:ly)?|prior|former(?:ly)?|last|history of|outside|earlier|"
                      r"recalled (?:for|from)|call-?back for)\s+"
                      r"(?:[\w-]+\s+){0,3}$")
_EARLIER_AFTER = lower(r"\s*(?:on|in|at|from)\s+(?:the\s+)?(?:prior|previous|earlier|last|outside)")
_DENIED = lower(r"\b(?:no|not|without|neither|any|cannot be)\s+(?:[\w-]+\s+){0,2}$")
_GENERAL = lower(r"\s*(?:=|or\s+\S+\s+)?\s*(?:=|(?:lesions|findings|nodules|patients|observations|categories|"
                      r"abnormalities)\b[^.]*\b(?:should|require|warrant|are|need)\b)")
_LEGEND = 3


@dataclass(frozen=True, slots=True)
class _System:
    """`mark` is the mark of its hints; its patterns are for a text in lower case, except where it is `cased`, and
    `bare`.
    """

    row: ScoreRow
    mark: int
    cased: bool
    pattern: re.Pattern[str]
    reverse: re.Pattern[str] | None
    bare: re.Pattern[str] | None
    needs: re.Pattern[str] | None
    also: re.Pattern[str] | None
    again: re.Pattern[str] | None


@once
def _systems(rows: tuple[ScoreRow, ...]) -> tuple[_System, ...]:
    made = []
    for number, row in enumerate(rows):
        name = rf"(?<![\w-])(?:acr\s+)?(?:{row.names})"
        prefix = rf"(?:{row.prefix}\s?-?\s?)?" if row.prefix else ""
        category = _words(row) if row.values and row.values[0].isalpha() and len(row.values[0]) > 2 else _CATEGORY
        reverse = None
        also = rf"[\s,;:(]*(?:and\s+)?(?:{row.also})\b{_FILL}{_CATEGORY}" if row.also else ""
        again = (rf"[^.;]{{0,50}}?\band\s+(?:(?:category|grade)\s+)?{_CATEGORY}\s+(?:for|in|of|at|on)\s+(?:the\s+)?"
                 rf"(?:{row.also})\b") if row.also else ""
        if row.kind == "category":
            part = rf"(?:(?:{row.also})\b{_FILL})?" if row.also else ""
            pattern = rf"{name}(?!\s+categories\b){_FILL}{part}{prefix}{category}"
            reverse = rf"\b(?:category|grade|class)\s*{_CATEGORY}\s*(?:\(|,|by|on|per|according\s+to|the|for|\s)*{name}"
        elif row.kind == "number":
            fill = _FILL
            if row.minimum < 0:  # bone density: the region stands between name and value
                fill, also = _SITES, r"\s*(?:,|and|/)\s*(?P<value>[-−–+]\s?\d(?:\.\d+)?)(?![\w%])"
            pattern = rf"{name}{fill}{_NUMBER}"
            reverse = rf"{_NUMBER}\s+(?:{row.after})" if row.after else None
        else:
            pattern = name
        cased = "(?-i" in pattern

        def compiled(words: str, *, cased: bool = cased) -> re.Pattern[str]:
            return re.compile(words, re.IGNORECASE) if cased else lower(words)

        made.append(_System(
            row=row, mark=1 << marks.SCORES + number, cased=cased, pattern=compiled(pattern),
            reverse=compiled(reverse) if reverse else None,
            bare=re.compile(row.bare) if row.bare else None, needs=compiled(row.needs) if row.needs else None,
            also=compiled(also) if also else None, again=compiled(again) if again else None))
    return tuple(made)


def _words(row: ScoreRow) -> str:
    return "(?P<value>" + "|".join("non-?" + v[3:] if v.startswith("NON") else v for v in row.values) + r")\b"


def find(page: Page, said: Sequence[tuple[sides.SideWord, ...]], rows: tuple[ScoreRow, ...]) -> tuple[Score, ...]:
    """Every score of this examination, in order; `said` are the side words of each sentence."""
    held = 0
    for mark in page.marked:
        held |= mark
    held >>= marks.SCORES
    if not held:
        return ()
    systems = [system for system in _systems(rows) if held << marks.SCORES & system.mark and (
        system.row.kind == "category" or _needed(page, system))]
    wanted = sum(system.mark for system in systems)
    found = [score for number in page.holding(wanted) if page.sentences[number].section not in _SILENT
             for score in _in(page, number, said[number], systems)]
    return tuple(s for s in found if s.system != "BIRADS") if _legend(found) else tuple(found)


def _needed(page: Page, system: _System) -> bool:
    """Whether the report holds what its score needs."""
    return system.needs is None or system.needs.search(page.text if system.cased else page.low) is not None


def _in(page: Page, number: int, words: tuple[sides.SideWord, ...], systems: Sequence[_System]) -> list[Score]:
    sentence, held = page.sentences[number], page.marked[number]
    taken: list[Span] = []
    made: list[Score] = []
    for system in systems:
        if not held & system.mark:
            continue
        for score in _of(page, sentence, system):
            if any(score.span.overlaps(span) for span in taken) and not _partner(score):
                continue
            taken.append(score.span)
            if _counts(page.low, sentence, score):
                made.append(score)
    if not made:
        return made
    made.sort(key=lambda s: s.span)
    counts: dict[str, set[str]] = {}
    for score in made:
        counts.setdefault(score.system, set()).add(score.value)
    kinds = {system.row.system: system.row.kind for system in systems}
    kept = [s for s in made if kinds[s.system] != "category" or len(counts[s.system]) <= _LEGEND
            or s.system == "TI-RADS"]
    return [_sided(s, words) for s in _once(kept)]


def _partner(score: Score) -> bool:
    return score.system.startswith("C-RADS")


def _of(page: Page, sentence: Sentence, system: _System) -> Iterator[Score]:
    start, end, row = sentence.span.start, sentence.span.end, system.row
    text = page.text if system.cased else page.low
    if row.kind == "percent":
        yield from _percents(page.low, sentence, system)
        return
    places = []
    for match in system.pattern.finditer(text, start, end):
        places.append((match.span(), match["value"]))
        more = system.also.match(text, match.end(), end) if system.also else None
        while more and system.also:  # "primary 1, neck 2", "T-scores of -2.1 and -1.4"
            places.append((more.span(), more["value"]))
            more = system.also.match(text, more.end(), end)
        more = system.again.match(text, places[-1][0][1], end) if system.again else None
        if more:  # "2 on the right and 4A on the left"
            places.append((more.span("value"), more["value"]))
    if system.reverse and not any(_value(value, row) for _, value in places):
        places = [(m.span(), m["value"]) for m in system.reverse.finditer(text, start, end)]
    if system.bare and system.bare.search(page.text, start, end) and _needed(page, system):
        places += [(m.span(), next(v for v in m.groups() if v)) for m in system.bare.finditer(page.text, start, end)]
    for place, words in places:
        value = _value(words, row)
        if value is not None:
            yield _score(sentence, row, place, value)


def _percents(low: str, sentence: Sentence, system: _System) -> Iterator[Score]:
    row = system.row
    for name in system.pattern.finditer(low, sentence.span.start, sentence.span.end):
        after = [m for m in _PERCENT.finditer(low, name.end(), min(sentence.span.end, name.end() + 120))
                 if not _COMPARED.search(low[name.end() : m.start()])]
        near = list(_PERCENT.finditer(low, max(sentence.span.start, name.start() - 80), name.start()))
        if row.every:
            for match in after:
                yield _score(sentence, row, (name.start() if match is after[0] else match.start(), match.end()),
                             match["value"], match["high"])
        elif after:
            yield _score(sentence, row, (name.start(), after[0].end()), after[0]["value"], after[0]["high"])
        elif near and not _COMPARED.search(low[sentence.span.start : near[-1].start()]):
            yield _score(sentence, row, (near[-1].start(), name.end()), near[-1]["value"], near[-1]["high"])
        return


def _score(sentence: Sentence, row: ScoreRow, place: tuple[int, int], value: str, high: str | None = None) -> Score:
    if row.kind == "category":
        legal = value in row.values or (bool(row.suffix) and value.removesuffix(row.suffix) in row.values)
    else:
        legal = row.minimum <= float(value) and (row.maximum is None or float(value) <= row.maximum)
    return Score(span=Span(*place), sentence=sentence, system=row.system, value=value, high=high, legal=legal,
                 rule=f"scores.yaml {row.system}")


def _value(words: str, row: ScoreRow) -> str | None:
    """The value as the system writes it; None where the words are none ("BI-RADS IS")."""
    if row.kind != "category":
        plain = re.sub(r"[\s,+]", "", words.lower().replace("minus", "-").replace("−", "-").replace("–", "-"))
        return "0" if plain == "zero" else plain
    value = words.upper().replace("-", "")
    if row.roman and value in _ROMAN:
        return _ROMAN[value]
    if row.system.startswith("C-RADS"):
        value = row.prefix + value
    if value[0].isdigit() or value in row.values or (value[:1] == row.prefix and value[1:].isdigit()):
        return value
    return None


def _counts(low: str, sentence: Sentence, score: Score) -> bool:
    """Whether the score is said of this examination, not denied, earlier or of a scale in general."""
    before, after = low[sentence.span.start : score.span.start], low[score.span.end : sentence.span.end]
    return not (_EARLIER.search(before[-60:]) or _EARLIER_AFTER.match(after) or _DENIED.search(before[-40:])
                or _GENERAL.match(after))


def _once(scores: Sequence[Score]) -> list[Score]:
    """Without the second writing of the same value ("TI-RADS 4 (TR4)") and points that are no category."""
    kept: list[Score] = []
    for score in scores:
        last = kept[-1] if kept else None
        if last and last.system == score.system and score.span.start - last.span.end <= 3:
            if last.value == score.value:
                continue
            if not last.legal and score.legal:
                kept.pop()
        kept.append(score)
    return kept


def _sided(score: Score, words: Sequence[sides.SideWord]) -> Score:
    side = sides.of(score.span, words, reach=24)
    return replace(score, side=side.side) if side else score


def _legend(found: Sequence[Score]) -> bool:
    """Whether those of BI-RADS are the lines of a printed scale: four or more values in ascending order."""
    values = [s.value for s in found if s.system == "BIRADS"]
    return len(set(values)) > _LEGEND and values == sorted(values)
