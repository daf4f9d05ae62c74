"""
Names of people whom neither the message nor a title names, known by the lists of names.

Two parts that belong together (`Given F.`, `Given Family`, `Family, Given M`, `F. Family`), or a frequent given name
alone. A word that is also an ordinary word, an eponym or a town needs a partner that is none. What a clinical noun
follows (`Baker cyst`, `Chaddock reflex`) is an eponym and stays.
"""

import re
from collections.abc import Iterator
from functools import lru_cache

from fhir_adapter.deid.hits import Hit
from fhir_adapter.deid.surrogates import Surrogates
from fhir_adapter.deid.words import folded
from fhir_adapter.model.report import IdentifierRole
from fhir_adapter.model.span import Span
from fhir_adapter.tables.words import WordLists

_TOKEN = re.compile(r"(?<!\w)[A-ZÀ-Þ](?:[^\W\d_]*(?:['’](?!s\b)[^\W\d_]+)?)(?!\w)")
_GAP = re.compile(r"\.?[ \n]{1,2}|, ?|-|\. ?(?=[A-Z]\b)")
_ROLE = re.compile(r"\b(?:wife|husband|spouse|mother|father|mom|dad|daughter|son|sister|brother|aunt|uncle|partner|"
                   r"relative|guardian|niece|nephew|caregiver)[ ,:(]{1,3}$", re.IGNORECASE)
_CLINICAL = re.compile(
    r"(?:['’]s|s['’])?(?:[ -][a-z]+){0,1}[ -](?:cysts?|fractures?|disease|syndromes?|signs?|nodes?|classification|"
    r"scores?|criteria|grades?|types?|catheters?|lines?|drains?|tubes?|filters?|stents?|lesions?|deformit|"
    r"nodules?|tests?|"
    r"reflex|procedures?|rods?|pouch|hernias?|spaces?|lobes?|ligaments?|thyroiditis|lymphomas?|sarcomas?|tumou?rs?|"
    r"angina|esophagus|contractures?|defects?|bodies|body|units?|scale|index|stage|palsy|phenomenon|plaques?|maneuver|"
    r"method|technique|view|series|position|study|risk|trial|protocol|guidelines?|formula|law|recess|canal|cells?|"
    r"foci|aplasia|complex|paralysis|paresis|disorder|configuration|physiology|anatomy|equation|shunt|brace|"
    r"shoulder|dementia|chorea|anomaly|"
    r"malformation|operation|repair|valve|screws?|nails?|plates?|wires?|clips?|pads?|"
    r"scanner|system|ratio|angle|point|gland|duct|tubercle|muscle|nerve|artery|vein|block|scale|"
    r"questionnaire)", re.IGNORECASE)
_TITLES = frozenset({
    "cc", "dame", "dear", "do", "dob", "dr", "drs", "ext", "facr", "frcr", "ma", "master", "mbbs", "md", "mr", "mrn",
    "mrs", "ms", "np", "pa", "phd", "prof", "pt", "rdms", "res", "rn", "sister", "tech", "tel"})
"""What stands beside a name."""
# Of these, the words that are given names too, and hidden before a family name ("Gail" is a model of risk as well).
_GIVEN_TOO = ("april", "may", "june", "august", "georgia", "virginia", "jordan", "christian", "gail", "alberta")
_NOT_NAMES = frozenset({
    "alabama", "alaska", "alberta", "america", "april", "arizona", "arkansas", "august", "california", "chad", "china",
    "christian", "colorado", "comparison", "connecticut", "cuba", "december", "delaware", "doctor", "english",
    "february", "findings", "florida", "friday", "gail", "georgia", "hawaii", "history", "idaho", "illinois",
    "impression", "india", "indiana", "indication", "iowa", "islam", "israel", "january", "jordan", "july", "june",
    "kansas", "kentucky", "kenya", "louisiana", "maine", "march", "maryland", "massachusetts", "may", "mexico",
    "michigan", "minnesota", "mississippi", "missouri", "monday", "montana", "nebraska", "nevada", "november",
    "october", "ohio", "oklahoma", "oregon", "patient", "pennsylvania", "saturday", "september", "spanish", "sunday",
    "technique", "tennessee", "texas", "thursday", "tuesday", "utah", "vermont", "virginia", "washington",
    "wednesday", "wisconsin", "wyoming",
})


def find(text: str, lists: WordLists, surrogates: Surrogates) -> Iterator[Hit]:
    """Each name that its own words show."""
    run: list[re.Match[str]] = []
    for token in _TOKEN.finditer(text):
        if run and not _joined(text, run[-1], token):
            yield from _in_run(text, run, lists, surrogates)
            run = []
        run.append(token)
    yield from _in_run(text, run, lists, surrogates)


def _joined(text: str, before: re.Match[str], after: re.Match[str]) -> bool:
    gap = text[before.end() : after.start()]
    if "\n" in gap and text[after.end() : after.end() + 1] == ":":
        return False  # a heading
    if len(gap) > 3 or not _GAP.fullmatch(gap + ("" if gap else " ")):
        return bool(gap == ". " and len(before.group()) == 1)
    return not (gap.startswith(".") and len(before.group()) > 1)


@lru_cache(maxsize=8192)
def _kind(said: str, lists: WordLists) -> str:  # noqa: PLR0911 - one line for each kind
    """I initial; G, F name by list; g, f name that is also a word; U unknown; S an ordinary word."""
    word = folded(said).replace("’", "'").replace("'", "")
    if len(word) == 1:
        return "I"
    if word in _TITLES:
        return "S"
    if word in _NOT_NAMES:
        return "g" if word in _GIVEN_TOO else "S"
    if word in lists.eponyms:
        return "f" if word in lists.family or word in lists.given else "S"
    plain = word in lists.ordinary or (len(word) < 3 and word not in lists.census_given)
    if word in lists.census_given:
        return "g" if plain else "G"
    if word in lists.census_family:
        return "f" if plain else "F"
    if plain:
        return "S"
    if word in lists.given or word in lists.family:
        return "F" if word in lists.family else "H"
    return "U"


_OF_DEGREE = re.compile(r"[A-Z]\.\s?[A-Z]\b|C\b(?<=PA-C)")
_WHOLE = re.compile(r"[gf]I(?![GFgfHU])|"
                    r"[UHF]{2,3}|(?:G|g(?=I?[FGHf]))[GgFfUH]*(?:I+[FfUGH]?)?I?|[FH]G(?:I|F)?|(?:I+)[FGHU]+|F[IH]G?")


def _in_run(text: str, run: list[re.Match[str]], lists: WordLists, surrogates: Surrogates) -> Iterator[Hit]:
    if not run:
        return
    kinds = "".join([_kind(token.group(), lists) for token in run])
    if not any(kind in "GFgH" for kind in kinds) and "fI" not in kinds and "UU" not in kinds and "IU" not in kinds:
        return
    if "U" in kinds:
        kinds = _without_strays(text, run, kinds)
    for match in _WHOLE.finditer(kinds):
        first, last = run[match.start()], run[match.end() - 1]
        end = last.end()
        if kinds[match.end() - 1] == "I" and len(match.group()) > 1 and _OF_DEGREE.match(text, last.start()):
            end = run[match.end() - 2].end()
        elif kinds[match.end() - 1] == "I" and text[end : end + 1] == ".":
            end += 1
        span = Span(first.start(), end)
        if not _is_person(text, match.group(), run[match.start() : match.end()], span, lists):
            continue
        role = IdentifierRole.RELATIVE if _ROLE.search(text[max(0, span.start - 16) : span.start]) else None
        yield Hit(span=span, replacement=surrogates.person(role or IdentifierRole.ORGANISATION, span.of(text)),
                  recogniser="listed name", rule="name of a relative" if role else "name of a person",
                  why="its words stand in lists of names", rank=4)


def _without_strays(text: str, run: list[re.Match[str]], kinds: str) -> str:
    """The kinds with an unknown word as an ordinary one where it is shouted beside others or on another line."""
    shouted = all(token.group().isupper() for token in run)
    return "".join(
        "S" if kind == "U" and (
            (not shouted and len(token.group()) > 1 and token.group().isupper() and kinds[max(0, n - 1)] not in "GgH")
            or (n and "\n" in text[run[n - 1].end() : token.start()])) else kind
        for n, (kind, token) in enumerate(zip(kinds, run, strict=True)))


def _is_person(text: str, kinds: str, tokens: list[re.Match[str]], span: Span, lists: WordLists) -> bool:
    if _CLINICAL.match(text, span.end):
        return len(kinds) > 1 and kinds[0] == "G" and "F" in kinds[1:] and "-" not in span.of(text)
    if "-" in span.of(text) and not re.search(r"[\s,]", span.of(text)):  # a double name alone is an eponym's
        return set(kinds) <= {"G", "g"}
    words = [t.group() for t in tokens if len(t.group()) > 1]
    shouted = all(w.isupper() for w in words)
    if kinds in ("gI", "fI"):  # Mary A., Smith J.: the full stop tells the initial from the end of a phrase
        known = lists.census_given if kinds == "gI" else lists.census_family
        follows = text[span.end : span.end + 1]
        return not shouted and text[span.end - 1] == "." and folded(words[0]) in known and follows in ",)? '"
    if len(kinds) == 1:
        beside = (text[span.start - 1 : span.start], text[span.end : span.end + 1])
        place = folded(words[0]) in lists.places
        return kinds == "G" and not shouted and not place and len(words[0]) > 2 and (
            beside[0] not in ("-", "/") and beside[1] not in ("-", "/", ":"))
    if shouted:
        return ("G" in kinds and ("F" in kinds or kinds.count("G") > 1 or "f" in kinds)) or (
            kinds[0] == "G" and kinds[-1] == "I" and text[span.end - 1] == ".")
    return kinds[0] != "I" or text[tokens[0].end() : tokens[0].end() + 1] == "."
