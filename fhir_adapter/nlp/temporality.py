"""Whether a size is of now or quoted from an earlier examination, and from which day."""

import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import date

from fhir_adapter.model.reading import Measurement, SectionKind, Sentence
from fhir_adapter.model.report import Moment
from fhir_adapter.model.span import Span
from fhir_adapter.nlp import dates
from fhir_adapter.nlp.lower import lower

_PAST_SECTIONS = {SectionKind.COMPARISON, SectionKind.INDICATION}
_EARLIER = (r"previous(?:ly)?|prior(?:ly)?|formerly|earlier|initial(?:ly)?|original(?:ly)?|baseline|remote(?:ly)?|"
            r"last|preceding|at that time|(?:year|month|week|day)s? (?:ago|earlier|before)")
_NOW = r"now|currently|today(?:'s)?|presently|current|this (?:exam\w*|study|ct|mri?|scan|time)|the present"
# What stands before a size: the last of these decides.
_BEFORE = lower(
    rf"\b(?P<prior>{_EARLIER}|compar\w+ (?:to|with)|versus|vs\b\.?|from|(?:down|up) from|"
    rf"was|were|had (?:been|measured)|when (?:it|they) (?:last |first )?measured|used to)\b|"
    rf"\b(?P<now>{_NOW}|is|are|has|measures|measure|to|at)\b")
_STRONG = lower(rf"\b(?:{_EARLIER}|compar\w+ (?:to|with)|versus|vs\b\.?)")
_PLAIN = lower(r"[\s,:;(=]*(?:(?:of|at|to|a|an|the|about|approximately|measur\w+|up|as|size|value|study|exam\w*|"
                    r"only|it|up to|maximally)\b[\s,:(]*)*$")
_NEW_CLAUSE = lower(r"[,;:]\s*(?!(?:when|where|at which|which|it\b|this\b|these\b)[^,;]*\b(?:was|were|measured|"
                         r"had)\b)[^\s\d]")
_MOVED = lower(r"\b(?:increas|decreas|grow|grew|enlarg|chang|down|up\b|reduc|smaller|larger|shr[aiu]nk)")
_TO = lower(r"\s*(?:to|up to)\b")
_PRESENT = lower(r"\b(?:now|current\w*|today)\b")
_CHANGED_TO = lower(r"\b(?:increas|decreas|grow|grew|enlarg|chang)\w*(?:\s+in\s+size)?\s+(?:to|at)\s*$")
# What stands right behind a size.
_AFTER = lower(
    rf"[\s,]*(?:\([^)]{{0,40}}\)\s*)?(?:(?:in|at|on|as of|by)\s+(?:the\s+|a\s+)?(?:most\s+recent\s+|\w+\s+)?)?"
    rf"(?:{_EARLIER}|before(?!\s+(?:and|void|\w*micturi|contrast|treat|valsalva))|then)\b(?:\s+(?:study|exam\w*|ct|mri?|scan|ultrasound|radiograph\w*|mammogram|pet/?ct|"
    r"imaging|report|of|from|dated|on|measurement|in|for|the|comparison))*")
_AFTER_NOW = lower(rf"[\s,]*(?:\([^)]{{0,40}}\)\s*)?(?:on\s+|at\s+)?(?:the\s+)?(?:{_NOW})\b")
_ON_DATE = lower(r"[\s,]*(?:\([^)]{0,40}\)\s*)?\(?(?:on|in|from|as of|dated|at)?\s*(?:the\s+)?(?:(?:\w+\s+){0,3}"
                      r"(?:of|from|dated|on)\s+)?$")
_LABEL = lower(r"\s*(?:\)?\s*[:=]|,?\s*(?:(?:it|this|these|which|when|where|the\s+\w+)\s+){0,2}(?:measured|was|"
                    r"were))?\s*(?:approximately|about|up\s+to)?\s*")
_WITH_LAST = lower(r"\s*(?:and|with(?:\s+an?)?)\s*|\s*×\s*")
_YEAR = lower(r"[\s,(]*(?:in|from)\s+(?:(?:19|20)\d\d)\b")
_LEFT = lower(r"\s*(?:$|[;).]|,?\s*(?:and|but|now|currently|,|versus|vs|compared|today|to|is|are|measures)\b|,)")
_SEEN = lower(r"\b(?:seen|noted|described|identified|demonstrated|visuali[sz]ed|reported|known|characterized|"
                   r"questioned|observed|mentioned|imaged|biopsied|treated|existing)\b")
_AS = lower(r"\s+(?:as|at|to\s+be|to\s+measure)\b")
_GONE = lower(r"\b(?:resol\w+|no longer|not (?:seen|visuali[sz]ed|identified)|disappear\w*|gone|removed|resect\w+|"
                   r"excised|now|currently|ha(?:s|ve) (?:in|de)creased|larger|smaller|replaced)\b")
_NOT_THEN = lower(r"\b(?:compar|since|prior to|dating)")
_COLON, _EQUALS = re.compile(r"\s*:"), re.compile(r"\s*[:=]")
_VALUE = lower(r"\s*(?:seen|noted|described|and|,)?\s*[:=]?\s*\d")


def placed(low: str, sizes: Sequence[tuple[Measurement, Sentence]], service: Moment | None
           ) -> tuple[tuple[Measurement, Sentence], ...]:
    """The same sizes, each marked as current or prior, with the day of a prior one where the text gives it."""
    out: list[tuple[Measurement, Sentence]] = []
    for index, (size, sentence) in enumerate(sizes):
        before = sizes[index - 1] if index and sizes[index - 1][1] is sentence else None
        after = sizes[index + 1] if index + 1 < len(sizes) and sizes[index + 1][1] is sentence else None
        start = before[0].span.end if before else sentence.span.start
        end = after[0].span.start if after else sentence.span.end
        gap = Span(start, max(start, size.span.start)), Span(size.span.end, max(size.span.end, end))
        made = _place(low, size, sentence, gap, (before is not None, after is not None), service)
        last = out[-1][0] if before else None
        if last and made.current and not last.current and _WITH_LAST.fullmatch(gap[0].of(low)):
            made = replace(made, current=False, prior_date=last.prior_date)  # "previously 5 mm and 8 mm"
        out.append((made, sentence))
    return tuple(out)


def _place(low: str, size: Measurement, sentence: Sentence, gap: tuple[Span, Span], has: tuple[bool, bool],
           service: Moment | None) -> Measurement:
    before, after = gap[0].of(low), gap[1].of(low)
    past, day = sentence.section in _PAST_SECTIONS, None
    if not past:
        day, past = _dated_after(low, gap[1], has[1], service)
        today = dates.day_of(service)
        if past and day is not None and today is not None and day >= today:
            return size
    if not past and _AFTER_NOW.match(after) and not (has[1] and after.lstrip().startswith(",")):
        return size
    if not past:
        past = _belongs_left(_AFTER.match(after), after, has[1])
    if not past:
        day, past = _labelled(low, gap[0], service)
    if not past and _recalled(before, after, low, sentence, size, has):
        past, day = True, _day_before(low, gap[0], service)
    return replace(size, current=False, prior_date=day) if past else size


def _recalled(before: str, after: str, low: str, sentence: Sentence, size: Measurement,
              has: tuple[bool, bool]) -> bool:
    """Whether the words before the size make it one of an earlier examination."""
    cues = list(_BEFORE.finditer(before))
    while cues and cues[-1].group().lower() in ("to", "at") and not _CHANGED_TO.search(before):
        cues.pop()
    if not cues or cues[-1].lastgroup == "now":
        return False
    between, word = before[cues[-1].end() :], cues[-1].group().lower()
    if _STRONG.fullmatch(word):
        seen = _SEEN.match(between.lstrip())
        if seen and not _AS.match(between.lstrip(), seen.end()):
            return has[1] or bool(_GONE.search(low[size.span.end : sentence.span.end]))
        return not _NEW_CLAUSE.search(between)
    plain = _PLAIN.fullmatch(between) is not None
    if word.endswith("from"):
        return plain and (has[0] or _moved(before, after))
    earlier = before[: cues[-1].start()]
    strong = list(_STRONG.finditer(earlier))
    recalled = bool(strong) and not _PRESENT.search(earlier, strong[-1].end())
    return recalled or (plain and (has[0] or "(" in before[-12:])) or word == "had measured"


def _moved(before: str, after: str) -> bool:
    return _MOVED.search(before) is not None or _TO.match(after) is not None


def _belongs_left(match: re.Match[str] | None, after: str, more: bool) -> bool:
    """Whether "previously" behind a size speaks of it, and not of the size that follows."""
    if match is None:
        return False
    if not more:
        return not _VALUE.match(after, match.end())
    return not after.lstrip().startswith((",", ";", "(")) and _LEFT.match(after[match.end():]) is not None \
        and match.end() < len(after.rstrip()) + 1 and after[match.end():].strip() != ""


def _dated_after(low: str, gap: Span, more: bool, service: Moment | None) -> tuple[date | None, bool]:
    for span, day in dates.find(low, gap.start, min(gap.end, gap.start + 60), service):
        lead, rest = low[gap.start : span.start], low[span.end : gap.end]
        if _ON_DATE.match(lead) is None or _NOT_THEN.search(lead):
            return None, False
        if lead.strip() in (",", ";") or (lead.strip() in ("(", "") and _COLON.match(rest)):
            return None, False
        if more and (not rest.strip() or _EQUALS.match(rest)):
            return None, False
        return day, True
    return None, _YEAR.match(low[gap.start : gap.end]) is not None


def _labelled(low: str, gap: Span, service: Moment | None) -> tuple[date | None, bool]:
    """The day in "3.1 cm (3/1/2024: 2.7 cm)" and "on 2/3/2023 it measured 9 mm", and whether there is one."""
    found = list(dates.find(low, max(gap.start, gap.end - 48), gap.end, service))
    if not found or _LABEL.fullmatch(low, found[-1][0].end, gap.end) is None:
        return None, False
    day, today = found[-1][1], dates.day_of(service)
    return day, day is None or today is None or day < today


def _day_before(low: str, gap: Span, service: Moment | None) -> date | None:
    found = [day for _, day in dates.find(low, gap.start, gap.end, service) if day]
    return found[-1] if found else None
