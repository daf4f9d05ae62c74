"""Towns by list after a word that leads to a place, institutions by their kind or by name."""

import re
from collections.abc import Iterator
from functools import lru_cache
from itertools import pairwise

from fhir_adapter.deid.hits import Hit
from fhir_adapter.deid.scanner import Seen
from fhir_adapter.deid.words import folded
from fhir_adapter.model.span import Span
from fhir_adapter.tables.words import WordLists

_CAP = r"(?:[A-ZÀ-Þ][\w’'-]*|St\.)"
_KIND = (r"(?:Hospitals?|Hosp\b\.?|Medical\s(?:Cent(?:er|re)|Group|Associates|Clinic|Plaza)|"
         r"Med\.?\s(?:Cent(?:er|re)|Ctr\.?)|"
         r"[Cc]linics?|Infirmary|Health(?:care)?(?:\s(?:Cent(?:er|re)|System|Network|Partners))?|Hospice|"
         r"(?:Cancer|Heart|Imaging|Surgery|Rehabilitation|Rehab|Trauma|Health|Wellness|Children['’]s|Care|Medical)\s"
         r"(?:Cent(?:er|re)|Institute)|Radiology(?:\s(?:Associates|Group|Partners|Consultants))|"
         r"Imaging(?:\sAssociates)?|"
         r"Orthop(?:a?e)dics|Family\s(?:Practice|Medicine)|Primary\sCare|Pediatrics|Physicians|Nursing\s(?:Home|"
         r"Facility)|Senior\s(?:Cent(?:er|re)|Living)|Assisted\sLiving|Care\sHome|Manor|"
         r"Open\sMRI|(?:Spine|Eye|Brain|Joint|Vascular|Vein|Sleep|Pain|Women['’]s|Kidney|Lung|Skin|"
         r"Breast(?:\sHealth)?|Birth|Dental|"
         r"Orthop(?:a?e)dic|Neurology|Oncology|Urology)\s(?:Institute|Cent(?:er|re)|Associates|Specialists)|"
         r"Memorial|General|Regional|Sanatorium|Med|VA|Teleradiology|"
         r"Diagnostics?\sCent(?:er|re)|Outpatient\sCent(?:er|re)|Health\sAuthority|(?:NHS\s)?(?:Foundation\s)?Trust|"
         r"Orthop(?:a?e)dic\s(?:Associates|Surgeons|Institute)|Polyclinic|Urgent\sCare|Diagnostics)")
_FACILITY = re.compile(
    rf"\b{_CAP}(?:(?:\s(?:of|and|the)|\s&)?\s{_CAP}){{0,4}}?\s{_KIND}(?:\s(?:{_KIND}))*"
    rf"(?:(?:\sin|\sof|,|\sat)?\s(?P<town>[A-Z][a-z]+(?:\s[A-Z][a-z]+)?)(?=[,.;?)\s]))?(?![\w-])")
_SHOUTED = re.compile(r"\b(?P<name>(?:[A-Z][A-Z'’-]+\s){1,4})(?:HOSPITAL|MEDICAL\sCENT(?:ER|RE)|CLINIC|INFIRMARY|"
                      r"(?:OUTPATIENT|IMAGING|SURGERY|CANCER|HEART|HEALTH|DIAGNOSTIC)\sCENT(?:ER|RE)|NURSING\sHOME)\b")
_AT = re.compile(r"\b(?i:at|from)\s(?:our\s|the\s)?(?P<place>(?:St\.\s)?[A-Z][a-z]{2,}(?:['’]s)?"
                 r"(?:[\s-][A-Z][a-z]{2,}){0,3})"
                 r"(?![\w'’-])")
_SAINT = re.compile(r"\b(?:St|Mt)\.?\s[A-Z][a-z]+(?:['’]s)?"
                    r"(?:\s(?i:hospital|hosp\b\.?|clinic|medical cent(?:er|re)))?(?![\w])")
_LEADS = re.compile(r"\b(?:in|at|from|near|of|to|our|the|via|outside|and|around|visiting|resides?|lives?|,)\s$",
                    re.IGNORECASE)
_TOKEN = re.compile(r"(?<![\w-])[A-Z][a-z'’]+(?!\w)")
_STATE = re.compile(r",?\s(?:A[LKZR]|C[AOT]|DE|FL|GA|HI|I[ADLN]|K[SY]|LA|M[ADEINOST]|N[CDEHJMVY]|O[HKR]|PA|RI|"
                    r"S[CD]|T[NX]|UT|V[AT]|W[AIVY]|D\.?C\.?)(?!\w)")
_KIND_ONLY = re.compile(rf"(?:\w+ing\s|The\s|Our\s|Outpatient\s|Emergency\s|Current\s|Prior\s|Outside\s)?{_KIND}")
_PLACE_AFTER = re.compile(r"(?:\s(?:downtown|uptown|midtown|main|north|south|east|west|central|outpatient|satellite))?"
                          r"\s(?:clinic|hospital|office|area|campus|branch|location|VA|Health(?:care)?|Medicine|"
                          r"Medical\sCent(?:er|re))\b")


_SENT = re.compile(r"\b(?i:admitted|transferred|sent|referred|discharged|transported|taken)\sto\s"
                   r"(?P<place>[A-Z][a-z]{2,}(?:['’]s)?(?:\s[A-Z][a-z]{2,}){1,3})(?![\w'’-])")
_WARDS = frozenset({
    "care", "clinic", "critical", "department", "emergency", "floor", "hospice", "icu", "intensive", "medicine",
    "oncology", "operating", "orthopedics", "psychiatry", "radiology", "recovery", "rehab", "room", "service",
    "surgery", "telemetry", "trauma", "unit", "urology", "ward"})
"""Where patients are sent in the house."""
_IN = re.compile(r"\b(?i:in|near|outside|from)\s(?P<place>[A-Z][a-z]{3,}(?:\s[A-Z][a-z]{2,})?)(?![\w'’-])")
_CLINICAL_NEXT = re.compile(r"[ -](?:position|projection|view|disease|syndrome|criteria|score|classification|sign|type|"
                            r"method|protocol|technique|phase|sequence|space|pouch|unit|plane|shunt|brace|"
                            r"shoulder|CT\sscore|type|equation|formula|grading|stage|scale|index|knife|catheter|"
                            r"procedure|grade|class|[AB]\b)")


_KINDS = frozenset({
    "assisted", "associates", "cancer", "care", "center", "centre", "children's", "clinic", "clinics", "diagnostic",
    "diagnostics", "family", "general", "health", "healthcare", "heart", "hosp", "hospice", "hospital", "hospitals",
    "imaging", "infirmary", "institute", "manor", "med", "medical", "memorial", "mri", "nursing", "orthopaedic",
    "orthopaedics", "orthopedic", "orthopedics", "outpatient", "pediatrics", "physicians", "polyclinic", "primary",
    "radiology", "regional", "rehab", "rehabilitation", "sanatorium", "senior", "specialists", "surgery",
    "teleradiology", "trauma", "trust", "urgent", "va", "wellness"
})
_CLINICS = frozenset({"clinic", "clinics"})
_SAINTS, _ATS, _INS = frozenset({"st", "mt"}), frozenset({"at", "from"}), frozenset({"in", "near", "outside", "from"})
_SENDS = frozenset({"admitted", "transferred", "sent", "referred", "discharged", "transported", "taken"})
CUES = _SENDS | _KINDS | _SAINTS | _ATS | _INS


def find(seen: Seen, lists: WordLists) -> Iterator[Hit]:
    """Each institution and each town."""
    text = seen.text
    named = seen.has(_CLINICS) or any(text[cue.start].isupper() for cue in seen.at(_KINDS))
    for match in _FACILITY.finditer(text) if named else ():
        span = _without_ordinary_start(text, Span(*match.span()), lists)
        if span is None:
            continue
        if match.group("town") and match.group("town").split()[0].lower() not in lists.places and \
                match.group("town").lower() not in lists.places:
            span = Span(span.start, max(span.start + 1, match.start("town") - 1))
        yield _hit(span, "FACILITY", "named institution", "a capitalised name before a kind of institution")
    for match in _SHOUTED.finditer(text) if named else ():
        words = match.group("name").split()
        while words and folded(words[0]) in lists.ordinary:
            words.pop(0)
        if words:
            start = match.start() + match.group("name").index(words[0])
            yield _hit(Span(start, match.end()), "FACILITY", "named institution", "a name before a kind of institution")
    for match in _at(seen, _SAINTS, _SAINT):
        yield _hit(Span(*match.span()), "FACILITY", "saint", "an institution or town named after a saint")
    for name in seen.cues.keys() & lists.institutions:
        for span in seen.cues[name]:
            if span.of(text) == name and not _CLINICAL_NEXT.match(text, span.end):
                yield _hit(_with_kind(text, span), "FACILITY", "known institution", "a widely known institution")
    for match in _at(seen, _ATS, _AT):
        words = [w.lower() for w in re.findall(r"[A-Za-z]+", match.group("place")) if len(w) > 1]
        if not any(w in lists.eponyms for w in words) and len(text[: match.start()].strip()) and (
                any(w not in lists.ordinary for w in words) or len(words) > 1):
            yield _hit(Span(*match.span("place")), "FACILITY", "place after at or from", "a name where a place is said")
    for match in _at(seen, _SENDS, _SENT):
        if _WARDS.isdisjoint(match.group("place").lower().split()):
            yield _hit(Span(*match.span("place")), "FACILITY", "place after sent to", "a name where a place is said")
    for match in _at(seen, _INS, _IN):
        words = [folded(w) for w in match.group("place").split()]
        if not any(w in lists.ordinary or w in lists.eponyms or w in lists.given for w in words) and (
                not _CLINICAL_NEXT.match(text, match.end())):
            yield _hit(Span(*match.span("place")), "CITY", "unknown word after in", "a name where a place is said")
    yield from _towns(text, lists)


def _at(seen: Seen, cues: frozenset[str], expression: re.Pattern[str]) -> Iterator[re.Match[str]]:
    """Where the expression matches from one of the cues on."""
    for cue in seen.at(cues):
        if match := expression.match(seen.text, cue.start):
            yield match


_NO_SYSTEM = frozenset({
    "behavioral", "behavioural", "bone", "breast", "community", "employee", "global", "good", "home", "im", "iv",
    "maternal", "mental", "occupational", "oral", "pelvic", "po", "poor", "population", "public", "student",
    "university", "women's"})
"""What before `Health` or `Med` names no institution."""
_TO_OR_AT = re.compile(r"\b(?:to|at|from|with)\s$")


def _without_ordinary_start(text: str, span: Span, lists: WordLists) -> Span | None:
    """The name without a sentence's first word; None if only the kind is left (`Outpatient Clinic`)."""
    start = span.start
    while True:
        rest = text[start : span.end]
        if _KIND_ONLY.fullmatch(rest):
            return None
        first = re.match(r"(?:The|Our|At|From|In|Seen|Patient|Compared|Comparison|Outside|Images|CT|MRI|MR|XR|US|"
                         r"Performed|Study|Exam|Examination|Chest|Prior|Transferred|Referred|Admitted|History|"
                         r"Findings?|Of|And|To|"
                         r"Contact|Call|Address|Facility|Institution|Location|Site|Dr|Department|Dept|Radiology|"
                         r"Emergency|No|See|Per)\.?\s+", rest)
        if first is None:
            break
        start += first.end()
    words = [w.lower() for w in re.findall(r"[A-Za-z]{2,}", text[start : span.end])]
    kinds = {"health", "imaging", "general", "memorial", "regional", "med", "care", "diagnostics", "clinics", "clinic"}
    if words and words[-1] in ("med", "health") and len(words) == 2 and words[0] not in _NO_SYSTEM and (
            text[start : start + 3].isupper() or words[0] not in lists.ordinary
            or _TO_OR_AT.search(text[max(0, start - 9) : start])):
        return Span(start, span.end)
    if words and words[-1] in kinds and all(w in lists.ordinary or w in kinds for w in words) and len(words) < 3:
        return Span(start, span.end) if words[-1] in ("clinic", "memorial") else None
    return Span(start, span.end)


@lru_cache(maxsize=2)
def _starts(lists: WordLists) -> frozenset[str]:
    """The words that a town begins with."""
    return frozenset(re.split(r"[ .-]", place, maxsplit=1)[0] for place in lists.places)


def _towns(text: str, lists: WordLists) -> Iterator[Hit]:
    tokens, starts = list(_TOKEN.finditer(text)), _starts(lists)
    n = 0
    while n < len(tokens):
        if folded(tokens[n].group()) not in starts:
            n += 1
            continue
        for size in (3, 2, 1):
            group = tokens[n : n + size]
            if len(group) < size or any(text[a.end() : b.start()] not in (" ", "\n", ". ", "-")
                                        for a, b in pairwise(group)):
                continue
            words = " ".join(folded(t.group()) for t in group)
            start, end = group[0].start(), group[-1].end()
            if words not in lists.places or text[group[-1].end() : group[-1].end() + 1] == "-":
                continue
            if _CLINICAL_NEXT.match(text, end):
                continue
            state = _STATE.match(text, end)
            ordinary = size == 1 and words in lists.ordinary
            led = bool(_LEADS.search(text[max(0, start - 12) : start])) or bool(_PLACE_AFTER.match(text, end))
            if state or (not ordinary and (led or size > 1) and not _eponym(words, lists)):
                yield _hit(Span(start, state.end()) if state else _with_kind(text, Span(start, end)), "CITY", "town",
                           "a town by list")
                n += size - 1
                break
        n += 1


def _with_kind(text: str, span: Span) -> Span:
    """A place with what it is a place of, as in `Chicago downtown clinic`."""
    after = _PLACE_AFTER.match(text, span.end)
    return Span(span.start, after.end()) if after else span


def _eponym(words: str, lists: WordLists) -> bool:
    return any(word in lists.eponyms for word in words.split())


def _hit(span: Span, tag: str, rule: str, why: str) -> Hit:
    return Hit(span=span, replacement=f"[{tag}]", recogniser="place", rule=rule, why=why, rank=4)
