"""Names of people whom the message does not name, known by a title, a degree or a cue such as "dictated by"."""

import re
from collections.abc import Iterator

from fhir_adapter.deid.hits import Hit
from fhir_adapter.deid.surrogates import Surrogates
from fhir_adapter.deid.words import folded
from fhir_adapter.model.report import IdentifierRole
from fhir_adapter.model.span import Span
from fhir_adapter.tables.words import WordLists

_LETTERS = re.compile(r"[^\W\d_]+")
_WORD = r"(?:[A-ZÀ-Þ][\w'’-]*[a-zß-ÿ][\w'’-]*|[A-ZÀ-Þ]{3,}(?:-[A-ZÀ-Þ]+)?)"
_INITIAL = r"[A-Z]\.?"
_PARTICLE = r"(?:(?:(?i:van|von|der|den|del|della|de|di|da|du|dos|la|le|el|al|bin|ibn|ter|ten)\s){1,3})?"
_NAME = (rf"(?:{_PARTICLE}{_WORD}|(?:{_INITIAL}\s*)+{_PARTICLE}{_WORD})"
         rf"(?:(?:,\s?|[ \n]{{1,2}})(?:{_PARTICLE}{_WORD}|{_INITIAL}(?=\W))){{0,3}}")
_TITLE = r"(?:Drs?|Doctor|Mrs?|Ms|Miss|Prof(?:essor)?|Nurse|Sister)\.?"
# RT without dots is a technologist only behind a comma; "XR ANKLE RT" is a side.
_DEGREE = (r"(?:M\.?D\.?|D\.?O\.?|R\.?N\.?|P\.A\.(?:-C)?|PA-C|N\.?P\.?|Ph\.?D\.?|MBBS|FRCR|R\.T\.(?:\(R\))?|RT\(R\)|"
           r"(?<=, )RT)(?![A-Za-z])")
_ADJECTIVE = "pleasant|very|young|healthy|elderly|former|known|right|left|retired|premature|term|lovely|kind"
_RULES = (
    ("title", re.compile(rf"\b{_TITLE}[ \n]+(?P<name>{_NAME})")),
    ("title and initial", re.compile(rf"\b{_TITLE}[ \n]+(?P<name>[A-Z]\.)(?=[\s,;)?]|$)")),
    ("degree", re.compile(rf"\b(?P<name>{_NAME}),?[ \n]+{_DEGREE}")),
    ("signature cue", re.compile(
        rf"\b(?i:dictated|signed|read|reviewed|interpreted|transcribed|approved|verified|reported|performed|requested|"
        rf"ordered|attested|finalized|electronically\ssigned|supervised)\s(?i:and\s\w+\s)?(?i:by)\s*:?\s*(?:{_TITLE}\s+)?"
        rf"(?P<name>{_NAME})")),
    ("communication cue", re.compile(
        rf"\b(?i:discussed\swith|called\sto|communicated\sto|communicated\swith|notified|relayed\sto|conveyed\sto|"
        rf"telephoned\sto|spoke\swith|reported\sto|informed)\s(?:{_TITLE}\s+)?(?P<name>{_NAME})")),
    ("patient cue", re.compile(rf"\b(?i:patient(?:\sname)?|pt(?:\sname)?|name)\s*:\s*(?P<name>{_NAME})")),
    ("clinician cue", re.compile(
        rf"\b(?i:radiologist|attending|resident|referring(?:\sphysician)?|ordering(?:\sphysician|\sprovider)?|"
        rf"technologist|sonographer|dictating|fellow)\s*:\s*(?:{_TITLE}\s+)?(?P<name>{_NAME})")),
)
_KIN = (r"wife|husband|spouse|mother|father|mom|dad|daughter|son|sister|brother|aunt|uncle|partner|guardian|niece|"
        r"nephew|caregiver|fianc[eé]e?|grandson|granddaughter|grandmother|grandfather|grandma|grandpa|girlfriend|boyfriend")
# Weaker cues: what follows must hold a word that is no ordinary one.
_WEAK = (
    ("relative cue", re.compile(rf"\b(?i:{_KIN})(?:\s(?:named|called)\s|,?\s|\s?\(|:\s?)(?P<name>{_NAME})")),
    ("role before", re.compile(
        rf"\b(?:RN|NP|PA-C|PA|DO|LPN|LVN|CNM|CRNA|CNP|APRN|ARNP|MD|NP-C|RRA|(?i:nurse|sister|midwife|practitioner|"
        rf"physician|surgeon|oncologist|cardiologist|neurologist|hospitalist|intern|fellow|resident|attending|technologist|"
        rf"tech|coordinator|secretary|clerk|paramedic|provider|radiologist))\s(?P<name>{_NAME})")),
    ("labelled name", re.compile(
        rf"(?:^|[^\w\n])(?i:[a-z /]{{0,24}}(?:name|caller|contact|recipient|provider|physician|surgeon|author|to|from|"
        rf"attn|attention|cc|re|regarding|by|with|tech|nurse|clinician|doctor|staff|signature|signed|reader|dictator|spouse|kin|"
        rf"guarantor|insured|employer|proxy|poa))(?:\s?:\s?|\s[-–]\s)(?:{_TITLE}\s+)?(?P<name>{_NAME})", re.MULTILINE)),
    ("closing", re.compile(
        rf"(?im:^\s*(?:thank\syou|thanks|sincerely|regards|best\sregards|kind\sregards|respectfully)(?:\syours)?[,.!]?\s*\n+\s*)"
        rf"(?P<name>{_NAME})")),
    ("newborn", re.compile(rf"\b(?i:baby|infant|newborn|bb|bg)\s(?i:boy|girl|of)?\s?(?:[A-D]\s)?(?P<name>{_WORD})")),
    ("subject of a sentence", re.compile(
        rf"(?:^|[.\n]\s{{0,2}})(?P<name>{_WORD}(?:\s{_WORD})?)(?=\s(?:is\san?\s(?:\d|{_ADJECTIVE})|presents|presented|reports|"
        rf"reported|complains|complained|denies|denied|states|underwent|was\s(?:seen|admitted|born|brought)|has\sa\s"
        rf"history|came|returns|called|fell)\b)")),
)
_CARETS = re.compile(r"(?<![\w^])[A-Za-zÀ-ÿ][\w'-]+(?:\s[A-Z][\w'-]+)?\^[A-Za-zÀ-ÿ][\w'. -]*(?:\^[\w'. -]*)*")
# Words that stand where a name might, but are none.
_NO_NAME = re.compile(
    r"(?i)^(?:the|this|that|findings?|impression|results?|emergency|department|physician|doctor|nurse|team|radiolog\w*|"
    r"clinical|service|provider|patient|staff|attending|resident|technique|comparison|history|exam\w*|indication|"
    r"none|unknown|report|addendum|ordering|referring|primary|surgery|surgical|oncology|urology|trauma|ed|er|icu|on|"
    r"at|by|and|or|of|in|to|for|with|electronically|signed|dictated|no|recommend\w*|follow\w*)$")


def find(text: str, surrogates: Surrogates, lists: WordLists) -> Iterator[Hit]:
    """Each name after a title or cue, or before a degree, with the tag of its person."""
    for match in _CARETS.finditer(text):
        yield _hit(Span(*match.span()), IdentifierRole.CLINICIAN, match.group().replace("^", ", ", 1),
                   "name with carets", surrogates)
    for rule, expression in _WEAK:
        for match in expression.finditer(text):
            span = _trimmed(text, Span(*match.span("name")))
            if span is None or not _strange(span.of(text), lists):
                continue
            role = _ROLE_OF.get(rule, IdentifierRole.CLINICIAN)
            yield _hit(span, role, span.of(text), rule, surrogates)
    for rule, expression in _RULES:
        for match in expression.finditer(text):
            span = _trimmed(text, Span(*match.span("name")))
            if span is None or text[span.start] == "[":
                continue
            role = IdentifierRole.PATIENT if rule == "patient cue" else IdentifierRole.CLINICIAN
            if rule == "title" and re.match(r"M(?:rs?|s|iss)", match.group()):
                role = IdentifierRole.PATIENT
            yield _hit(span, role, span.of(text), rule, surrogates)


_ROLE_OF = {"relative cue": IdentifierRole.RELATIVE, "newborn": IdentifierRole.PATIENT,
            "subject of a sentence": IdentifierRole.PATIENT}


def _hit(span: Span, role: IdentifierRole, name: str, rule: str, surrogates: Surrogates) -> Hit:
    return Hit(span=span, replacement=surrogates.person(role, name), recogniser="titled name", rule=rule,
               why="a name beside a title, a degree or a cue", rank=3)


def _strange(name: str, lists: WordLists) -> bool:
    """Whether a word of it is no word of the language and no eponym, or is known as a name above all."""
    words = [folded(word) for word in _LETTERS.findall(name)]
    return any(word not in lists.ordinary and word not in lists.eponyms for word in words if len(word) > 2)


def _trimmed(text: str, span: Span) -> Span | None:
    """The name up to the first word that is none: headings and departments end it."""
    end = span.start
    for match in re.finditer(r"[^\s,]+", span.of(text)):
        if _NO_NAME.match(match.group().strip(".:")):
            break
        follows = text[span.start + match.end() : span.start + match.end() + 1]
        if re.match(r"\.[A-Z]\b", text[span.start + match.end() :][:3]) and len(match.group()) == 1:
            break  # the M of M.D.
        if follows == ":":  # a heading, as in "Smith\nFINDINGS:"
            break
        end = span.start + match.end()
    return Span(span.start, end) if end - span.start > 1 else None
