"""Names of people whom the message does not name, known by a title, a degree or a cue such as "dictated by"."""

import re
from collections.abc import Iterator
from operator import itemgetter

from fhir_adapter.deid.hits import Hit
from fhir_adapter.deid.recognisers.cues import BY_CUE, COPIED, COPIES, Rule
from fhir_adapter.deid.scanner import Seen
from fhir_adapter.deid.surrogates import Surrogates
from fhir_adapter.deid.words import folded
from fhir_adapter.model.report import IdentifierRole
from fhir_adapter.model.span import Span
from fhir_adapter.tables.words import WordLists

_LETTERS = re.compile(r"[^\W\d_]+")
_LOOK_BACK = 80
_SMALL = re.compile(r"(?:,? |\. ?|)(?P<word>[^\W\d_]+(?:['’-][^\W\d_]+)*)")
_CARETS = re.compile(r"(?<![\w^])(?:[A-Za-zÀ-ÿ]|[A-Z][\w'-]+\s[A-Z])[\w'-]+\^[A-Za-zÀ-ÿ][\w'. -]*(?:\^[\w'. -]*)*")
# Words that stand where a name might, but are none.
_NO_NAME = re.compile(
    r"(?i)^(?:the|this|that|findings?|impression|results?|emergency|department|physician|doctor|nurse|team|radiolog\w*|"
    r"clinical|service|provider|patient|staff|attending|resident|technique|comparison|history|exam\w*|indication|"
    r"none|unknown|report|addendum|ordering|referring|primary|surgery|surgical|oncology|urology|trauma|ed|er|icu|on|"
    r"at|by|and|or|of|in|to|for|with|electronically|signed|dictated|no|recommend\w*|follow\w*|consultant|surgeon|dear|"
    r"your|our|re|copy|cc|tel|fax|telefon|phone|dob|mrn|breast|\w+ologist|\w+icist|"
    r"x{3,})$")  # XXXX: hidden already
_LEADING = re.compile(
    r"(?i)^(?:drs?|dra|mrs?|ms|mme|sra?|prof|dame|sir|master|miss|pa|pa-c|np|np-c|rn|ma|md|do|rt|lpn|cna|"
    r"physician|assistant|"
    r"nurse|doctor|professor|practitioner|charge|staff|floor|is|was|has|name|pt|patient)\.?$")
"""Titles and roles before a name, which identify nobody."""
_TRAILING = re.compile(r"(?i)^(?:md|do|rn|np|pa|pa-c|ma|phd|mbbs|mbchb|frcr|facr|franzcr|rdms|rt|esq|jr|sr|ii|iii|"
                       r"ext)\.?$")
_ONE = re.compile(r"[^\s,]+")
_COPY_LINES = re.compile(r"\s?:[ \t]*(?P<people>[^\n]*(?:\n[ \t]+\S[^\n]*){0,8})")
_ORDER = itemgetter(0, 1)
_POSSESSIVE = re.compile(r"['’][sS]$")


def find(seen: Seen, surrogates: Surrogates, lists: WordLists) -> Iterator[Hit]:
    """Each name after a title or cue, or before a degree, with the tag of its person."""
    text = seen.text
    if "^" in text:
        for match in _CARETS.finditer(text):
            name = match.group().replace("^", ", ", 1)
            yield _hit(Span(*match.span()), IdentifierRole.CLINICIAN, name, "name with carets", surrogates)
    for cue in seen.at(COPIED):
        for copied in _copies(text, cue.end, lists):
            yield _hit(copied, IdentifierRole.CLINICIAN, copied.of(text), "copy", surrogates)
    tried = [(place, cue.start, cue, rule) for word, cues in seen.cues.items() for place, rule in BY_CUE.get(word, ())
             for cue in cues]
    for _, _, cue, rule in sorted(tried, key=_ORDER):
        span = _named(text, cue, rule, lists)
        if span is None or text[span.start] == "[" or (rule.weak and not _strange(span.of(text), lists)):
            continue
        of_patient = rule.name == "title" and re.match(r"M(?:rs?|s|iss)", cue.of(text))
        yield _hit(span, IdentifierRole.PATIENT if of_patient else rule.role, span.of(text), rule.name, surrogates)


def _copies(text: str, start: int, lists: WordLists) -> Iterator[Span]:
    """The people to whom a copy goes: on the line of the cue and on indented ones after it."""
    line = _COPY_LINES.match(text, start)
    for match in COPIES.finditer(line.group("people")) if line else ():
        base = line.start("people") if line else 0
        span = _trimmed(text, Span(base + match.start("name"), base + match.end("name")), lists)
        if span and _strange(span.of(text), lists):
            yield span


def _named(text: str, cue: Span, rule: Rule, lists: WordLists) -> Span | None:
    """The name that the rule finds at a cue."""
    found = rule.after.match(text, cue.start)
    if found is None:
        return None
    if rule.lowered:
        return _lowered(text, found.start("name"), lists)
    if rule.before is not None:
        found = rule.before.search(text, max(0, cue.start - _LOOK_BACK), cue.start)
    return _trimmed(text, Span(*found.span("name")), lists) if found else None


def _lowered(text: str, start: int, lists: WordLists) -> Span | None:
    """The words of small letters from `start` on that are no words of the language: a name, or an initial and one."""
    end, long = start, False
    for match in _SMALL.finditer(text, start, start + 60):
        word = match.group("word")
        if match.start() != end or not word.islower() or (long and word.endswith("ing")):
            break
        if len(word) > 1 and not _strange(word, lists):
            break
        long, end = long or len(word) > 2, match.end("word")
    return Span(start, end) if long else None


def _hit(span: Span, role: IdentifierRole, name: str, rule: str, surrogates: Surrogates) -> Hit:
    return Hit(span=span, replacement=surrogates.person(role, name), recogniser="titled name", rule=rule,
               why="a name beside a title, a degree or a cue", rank=3)


def _strange(name: str, lists: WordLists) -> bool:
    """Whether a word of it is no word of the language and no eponym, or is known as a name above all."""
    words = [folded(word) for word in _LETTERS.findall(name)]
    return any(word not in lists.ordinary and word not in lists.eponyms for word in words if len(word) > 2)


def _trimmed(text: str, span: Span, lists: WordLists) -> Span | None:
    """The name from its title on up to the first word that is none: headings, departments and degrees end it."""
    words: list[Span] = []
    for match in _ONE.finditer(text, span.start, span.end):
        word = Span(*match.span())
        if not words and _LEADING.match(match.group()) and len(match.group()) < len(span):
            continue
        if _NO_NAME.match(match.group().strip(".:")) or (words and _TRAILING.match(match.group())):
            break
        if len(match.group()) == 1 and re.match(r"\.[A-Z]\b", text[word.end :][:3]):
            break  # the M of M.D.
        if text[word.end : word.end + 1] == ":" and ("\n" in text[span.start : word.start]
                                                     or _ordinary(match.group(), lists)):
            break  # a heading, as in "Smith\nFINDINGS:"
        if len(words) > 1 and "," in text[words[-1].end : word.start] and _is_whole(text, words, word, lists):
            break
        words.append(word)
    while len(words) > 1 and _ordinary(words[-1].of(text), lists) and _strange(
            text[words[0].start : words[-1].start], lists) and (
            text[words[0].start : words[-1].end].isupper() or "," in text[words[-2].end : words[-1].start]):
        words.pop()  # PT FNORD ALERT; Dr. Fnord, Reading Room
    if not words:
        return None
    end = words[-1].end - len(tail.group()) if (tail := _POSSESSIVE.search(words[-1].of(text))) else words[-1].end
    return Span(words[0].start, end) if end - words[0].start > 1 else None


def _is_whole(text: str, words: list[Span], after: Span, lists: WordLists) -> bool:
    """Whether the words before a comma are a name by themselves: what follows is a department or a degree then."""
    first = words[0].of(text).rstrip(".")
    return len(first) == 1 or folded(first) in lists.census_given or (
        after.of(text).isupper() and not text[words[0].start : words[-1].end].isupper())


def _ordinary(said: str, lists: WordLists) -> bool:
    word = folded(said)
    return len(word) > 1 and word in lists.ordinary and not (word in lists.census_family or word in lists.census_given)
