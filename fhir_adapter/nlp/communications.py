"""
Results that were told to someone: a verb of telling, a recipient, and when.

What was said is acknowledged; what was only sent is not, unless the text says so. Future, attempted and denied
telling, telling the patient, and consent are none.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, time
from itertools import zip_longest

from fhir_adapter.model.reading import Communication, RecipientRole, SectionKind, Sentence
from fhir_adapter.model.report import Moment
from fhir_adapter.model.span import Span
from fhir_adapter.nlp import dates, marks
from fhir_adapter.nlp.lower import lower
from fhir_adapter.nlp.page import Page
from fhir_adapter.tables.extraction import CommunicationWords
from fhir_adapter.tables.once import once

_SILENT = {SectionKind.INDICATION, SectionKind.COMPARISON, SectionKind.TECHNIQUE, SectionKind.HEADER}
_REACH = 90
# A name where no title and no tag stands: "discussed with Quillon Zzyzx".
_NAME = re.compile(r"\s*(?:with|to)\s+(?:(?:Mr|Mrs|Ms|Miss|Sr)\.?\s+)?(?P<name>[A-Z][a-z]+(?:[ -][A-Z][a-z.]+){1,2})\b")
_TAG = re.compile(r"\s*\[[A-Z]+(?:-\d+)?\]")
_NAMED = re.compile(r"\s+(?:[A-Z][\w'’-]+)(?:\s+[A-Z][\w'’-]+)?")
_DEGREE = re.compile(r",?\s*(?P<degree>PA-C|PA|RN|LPN|NP|ARNP|APRN|CNM|M\.?D\.?|D\.?O\.?)\b")
_SENDER = lower(r"(?<!acknowledged )(?<!confirmed )(?<!received )(?<!back )\bby\s+"
                     r"(?:the\s+|an?\s+|attending\s+|radiologist\s+|resident\s+)*$")
_TITLE = re.compile(r"\s+Drs?\b\.?")
_OF = lower(r"\W*(?:for|of|including)?\W*(?:the\s+)?")
_OWN = lower(r"['’]s\s+|(?<=\])\s+(?=nurse|physician|midwife)")
_FOLLOWS = 2


@dataclass(frozen=True, slots=True)
class _Words:
    verb: re.Pattern[str]
    acknowledged: re.Pattern[str]
    silent: re.Pattern[str]
    undone: re.Pattern[str]
    earlier: re.Pattern[str]
    recipient: re.Pattern[str]
    excluded: re.Pattern[str]


@once
def _compiled(words: CommunicationWords) -> _Words:
    spoken = "|".join(expression for expression, _ in words.spoken)
    sent = "|".join(expression for expression, _ in words.sent)
    roles = "|".join(rf"(?P<{role.value}>(?<!\w)(?:{expression}))" for role, expression in words.recipients)
    return _Words(verb=lower(rf"\b(?:(?P<spoken>{spoken})|(?P<sent>{sent})|(?P<heard>{words.acknowledged}))\b"),
                  acknowledged=lower(rf"\b(?:{words.acknowledged})\b"), silent=lower(words.silent),
                  undone=lower(words.undone), earlier=lower(words.earlier), recipient=re.compile(roles, re.IGNORECASE),
                  excluded=lower(words.excluded))


def find(page: Page, words: CommunicationWords, service: Moment | None) -> tuple[Communication, ...]:
    """Every communication, in order; "at 3 PM" alone is the day of the examination."""
    found: list[tuple[int, Communication]] = []
    for number in page.holding(marks.COMMUNICATION):
        sentence = page.sentences[number]
        if sentence.section in _SILENT:
            continue
        known = _compiled(words)
        if known.verb.search(page.low, sentence.span.start, sentence.span.end):
            _add(page, number, known, service, found)
    return tuple(communication for _, communication in found)


def _add(page: Page, number: int, known: _Words, service: Moment | None, found: list[tuple[int, Communication]],
         ) -> None:
    """Add what one sentence tells; "read back" alone confirms the communication just before."""
    sentence = page.sentences[number]
    if known.earlier.search(page.low, sentence.span.start, sentence.span.end):
        return
    here = list(_in(page, sentence, known, service))
    heard = known.acknowledged.search(page.low, sentence.span.start, sentence.span.end) is not None
    if found and heard and all(c.rule == "heard" for c in here):
        last, told = found[-1]
        if 0 < number - last <= _FOLLOWS:
            found[-1] = last, replace(told, acknowledged=True)
            return
    found += [(number, replace(c, rule=f"communications.yaml {c.rule}")) for c in here]


def _in(page: Page, sentence: Sentence, known: _Words, service: Moment | None) -> Iterator[Communication]:
    low, start, end = page.low, sentence.span.start, sentence.span.end
    verbs = list(known.verb.finditer(low, start, end))
    recipients = list(_recipients(page, sentence, known, verbs))
    used: dict[Span, Communication] = {}
    undone = 0
    for index, verb in enumerate(verbs):
        if known.undone.search(low[max(start, verb.start() - 60) : verb.start()]):
            undone = verb.end()
            continue
        limit = verbs[index + 1].start() if index + 1 < len(verbs) else end
        recipient = _recipient(verb, recipients, limit, undone)
        if recipient is None:
            continue
        span, role = recipient
        kind = str(verb.lastgroup)
        for group in ("spoken", "sent", "heard"):
            if verb[group]:
                kind = group
        if kind == "heard" and used:  # "with read back" confirms what the sentence told before
            last = next(reversed(used))
            used[last] = replace(used[last], acknowledged=True)
            continue
        heard = known.acknowledged.search(low, start, end) is not None
        spoken = kind != "sent" and (kind == "heard" or known.silent.search(low, start, end) is None)
        at, clock, at_span = _moment(low, Span(start, end), verb.end(), service)
        whole = Span(min(verb.start(), span.start), max(verb.end(), span.end, at_span.end if at_span else 0))
        if span in used:
            before = used[span]
            used[span] = replace(before, acknowledged=before.acknowledged or spoken or heard,
                                 span=Span(min(before.span.start, whole.start), max(before.span.end, whole.end)))
            continue
        used[span] = Communication(span=whole, sentence=sentence, recipient_role=role, recipient_span=span,
                                   acknowledged=spoken or heard, at=at, clock=clock, at_span=at_span, rule=kind)
    yield from used.values()


def _recipient(verb: re.Match[str], recipients: Sequence[tuple[Span, RecipientRole]], limit: int, undone: int
               ) -> tuple[Span, RecipientRole] | None:
    """Who was told: the next one named after the verb, else the last one before it ("Dr. X was notified").

    Whoever is named after a verb that did not happen (`undone`: its end) belongs to that verb.
    """
    after = [r for r in recipients if verb.start() <= r[0].start < max(limit, verb.end() + 1)
             and r[0].start - verb.end() <= _REACH]
    if after:
        first, second = after[0], after[1] if len(after) > 1 else None
        if second and first[1] is RecipientRole.UNKNOWN and _OF.fullmatch(verb.string, first[0].end, second[0].start):
            return second  # "the office of Dr. X", "the answering service for Dr. X"
        return first
    before = [r for r in recipients if r[0].end <= verb.start() and verb.start() - r[0].end <= _REACH]
    return before[-1] if before and not (undone and before[-1][0].start >= undone) else None


def _recipients(page: Page, sentence: Sentence, known: _Words, verbs: Sequence[re.Match[str]],
                ) -> Iterator[tuple[Span, RecipientRole]]:
    text, low, start, end = page.text, page.low, sentence.span.start, sentence.span.end
    taken = start
    matches = list(known.recipient.finditer(text, start, end))
    for match, following in zip_longest(matches, matches[1:]):
        if match.start() < taken:
            continue
        role = next(r for r in RecipientRole if match[r.value] is not None)
        vague = role is RecipientRole.UNKNOWN
        if vague and following and not text[match.end() : following.start()].strip() and _TAG.match(
                text, following.start()) is None:
            continue  # "ED physician", "ordering provider nurse": the stronger word follows
        title = _TITLE.match(text, match.end(), end)
        stop = title.end() if title else match.end()
        tag = _TAG.match(text, stop, end) or (None if vague else _NAMED.match(text, stop, end))
        stop = tag.end() if tag else stop
        own = _OWN.match(low, stop, end)
        if own and any(m.start() == own.end() for m in matches):
            continue  # "Dr. X's nurse"
        degree = _DEGREE.match(text, stop, end)
        if degree:
            stop, role = degree.end(), _by_degree(degree["degree"], role)
        taken = stop
        if _SENDER.search(low[max(start, match.start() - 40) : match.start()]) is None and (
                known.excluded.search(low[max(start, match.start() - 1) : stop]) is None):
            yield Span(match.start(), stop), role
    for verb in verbs:
        name = _NAME.match(text, verb.end(), end)
        if name and not known.recipient.search(text, *name.span("name")):
            yield Span(*name.span("name")), RecipientRole.UNKNOWN


def _by_degree(degree: str, role: RecipientRole) -> RecipientRole:
    if degree.startswith("PA"):
        return RecipientRole.PHYSICIAN_ASSISTANT
    if degree == "CNM":
        return RecipientRole.MIDWIFE
    if degree.replace(".", "") in ("MD", "DO"):
        return RecipientRole.DOCTOR if role is RecipientRole.UNKNOWN else role
    return RecipientRole.NURSE


def _moment(low: str, within: Span, after: int, service: Moment | None
            ) -> tuple[Moment | None, time | None, Span | None]:
    """When it was told: a clock time after the verb, else any of the sentence, with the day that stands beside it."""
    times = list(dates.TIME.finditer(low, within.start, within.end))
    clock = next((t for t in times if t.start() >= after), times[0] if times else None)
    days = [(s, d) for s, d in dates.find(low, within.start, within.end, service) if d is not None]
    day = next((d for d in days if d[0].start >= after), days[0] if days else None)
    if clock is None and day is None:
        return None, None, None
    spans = [Span(*clock.span())] if clock else []
    spans += [day[0]] if day and (not spans or abs(day[0].start - spans[0].end) < 20 or abs(
        spans[0].start - day[0].end) < 20) else []
    whole = Span(min(s.start for s in spans), max(s.end for s in spans))
    on = day[1] if day else dates.day_of(service)
    said = dates.clock(clock) if clock else None
    if on is None or said is None or not isinstance(service, datetime):
        return on, said, whole
    return datetime.combine(on, said, service.tzinfo), said, whole
