"""Names of people whom the message does not name, known by a title, a degree or a cue such as "dictated by"."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from fhir_adapter.deid.hits import Hit
from fhir_adapter.deid.scanner import Seen
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
_TITLE = (r"(?:Drs?|Doctor|Mrs?|Ms|Miss|Prof(?:essor)?|Nurse|Sister|Sgt|Officer|Deputy|Sheriff|Trooper|Detective|Capt|"
          r"Rev|Pastor|Chaplain|Rabbi|Attorney)\.?")
# RT without dots is a technologist only behind a comma; "XR ANKLE RT" is a side.
_DEGREE = (r"(?:M\.?D\.?|D\.?O\.?|R\.?N\.?|P\.A\.(?:-C)?|PA-C|N\.?P\.?|Ph\.?D\.?|MBBS|FRCR|R\.T\.(?:\(R\))?|RT\(R\)|"
           r"(?<=, )RT)(?![A-Za-z])")

@dataclass(frozen=True, slots=True, kw_only=True)
class _Rule:
    """Where one of the cues stands, `after` is matched from its first letter and `before` ends in front of it.

    The group `name` is in one of the two. A weak rule needs a word in the name that is no ordinary one.
    """

    name: str
    cues: frozenset[str]
    after: re.Pattern[str]
    before: re.Pattern[str] | None = None
    role: IdentifierRole = IdentifierRole.CLINICIAN
    weak: bool = False


def _rule(name: str, cues: str, after: str, *, before: str = "", role: IdentifierRole = IdentifierRole.CLINICIAN,
          weak: bool = False) -> _Rule:
    return _Rule(name=name, cues=frozenset(cues.split("|")), after=re.compile(after), weak=weak, role=role,
                 before=re.compile(before) if before else None)


_KIN = ("wife|husband|spouse|mother|father|mom|dad|daughter|son|sister|brother|aunt|uncle|partner|guardian|niece|"
        "nephew|caregiver|fiance|fiancee|fiancé|fiancée|grandson|granddaughter|grandmother|grandfather|grandma|grandpa|"
        "girlfriend|boyfriend")
_DONE = ("dictated|signed|read|reviewed|interpreted|transcribed|approved|verified|reported|performed|requested|ordered|"
         "attested|finalized|supervised")
_TOLD = ("discussed with|called to|communicated to|communicated with|notified|relayed to|conveyed to|telephoned to|"
         "spoke with|reported to|informed|spoke w/|given to|read to|paged to|reviewed with|reviewed w/")
_CLINICIANS = ("radiologist|attending|resident|referring|ordering|technologist|sonographer|dictating|fellow")
_ROLES = ("nurse|sister|midwife|practitioner|physician|surgeon|oncologist|cardiologist|neurologist|hospitalist|intern|"
          "fellow|resident|attending|technologist|tech|coordinator|secretary|clerk|paramedic|provider|radiologist")
_LABELS = ("name|caller|contact|recipient|provider|physician|surgeon|author|to|from|attn|attention|cc|re|regarding|by|"
           "with|tech|nurse|clinician|doctor|staff|signature|signed|reader|dictator|spouse|kin|guarantor|insured|employer|"
           "proxy|poa")
_CLOSINGS = "thank you|thanks|sincerely|regards|respectfully|yours"
_VERBS = ("presents|presented|reports|reported|complains|complained|denies|denied|states|underwent|was seen|"
          "was admitted|was born|was brought|has a history|came|returns|called|fell")
_DEGREES = "md|m.d|do|d.o|rn|r.n|p.a|pa|np|n.p|phd|ph.d|mbbs|frcr|rt|r.t"
_ADJECTIVE = "pleasant|very|young|healthy|elderly|former|known|right|left|retired|premature|term|lovely|kind"


def _any(words: str) -> str:
    return f"(?i:{words})".replace(" ", r"\s")


_RULES = (
    _rule("title", "dr|drs|doctor|mr|mrs|ms|miss|prof|professor|nurse|sister|sgt|officer|deputy|sheriff|trooper|"
          "detective|capt|rev|pastor|chaplain|rabbi|attorney", rf"{_TITLE}[ \n]+(?P<name>{_NAME})"),
    _rule("title and initial", "dr|mr|mrs|ms|miss|prof", rf"{_TITLE}[ \n]+(?P<name>[A-Z]\.)(?=[\s,;)?]|$)"),
    _rule("degree", _DEGREES, _DEGREE, before=rf"\b(?P<name>{_NAME}),?[ \n]+$"),
    _rule("signature cue", _DONE,
          rf"{_any(_DONE)}\s(?i:and\s\w+\s)?(?i:by)\s*:?\s*(?:{_TITLE}\s+)?(?P<name>{_NAME})"),
    _rule("communication cue", _TOLD, rf"{_any(_TOLD)}\s(?:{_TITLE}\s+)?(?P<name>{_NAME})"),
    _rule("patient cue", "patient|pt|name", rf"(?i:(?:patient|pt)(?:\sname)?|name)\s*:\s*(?P<name>{_NAME})",
          role=IdentifierRole.PATIENT),
    _rule("clinician cue", _CLINICIANS,
          rf"{_any(_CLINICIANS)}(?i:\sphysician|\sprovider)?\s*:\s*(?:{_TITLE}\s+)?(?P<name>{_NAME})"),
    _rule("relative cue", _KIN, rf"{_any(_KIN)}(?:\s(?:named|called)\s|,?\s|\s?\(|:\s?)(?P<name>{_NAME})",
          role=IdentifierRole.RELATIVE, weak=True),
    _rule("role before", f"rn|np|pa c|pa|do|lpn|lvn|cnm|crna|cnp|aprn|arnp|md|np c|rra|{_ROLES}",
          rf"(?:RN|NP|PA-C|PA|DO|LPN|LVN|CNM|CRNA|CNP|APRN|ARNP|MD|NP-C|RRA|{_any(_ROLES)})\s\(?(?P<name>{_NAME})",
          weak=True),
    _rule("labelled name", _LABELS,
          rf"{_any(_LABELS)}(?:\s?:\s?|\s[-–]\s)(?:{_TITLE}\s+)?(?P<name>{_NAME})", weak=True),
    _rule("closing", _CLOSINGS, rf"{_any(_CLOSINGS)}(?i:\syours)?[,.!]?\s*\n+\s*(?P<name>{_NAME})", weak=True),
    _rule("newborn", "baby|infant|newborn|bb|bg",
          rf"(?i:baby|infant|newborn|bb|bg)\s(?i:boy|girl|of)?\s?(?:[A-D]\s)?(?P<name>{_WORD})",
          role=IdentifierRole.PATIENT, weak=True),
    _rule("subject of a sentence", f"is a|is an|{_VERBS}",
          rf"(?i:is\san?\s(?:\d|(?:{_ADJECTIVE})\b))|{_any(_VERBS)}",
          before=rf"(?:^|[.\n]\s{{0,2}})(?P<name>{_WORD}(?:\s{_WORD})?)\s$", role=IdentifierRole.PATIENT, weak=True),
)
CUES = frozenset(cue for rule in _RULES for cue in rule.cues)
_LOOK_BACK = 80
_CARETS = re.compile(r"(?<![\w^])[A-Za-zÀ-ÿ][\w'-]+(?:\s[A-Z][\w'-]+)?\^[A-Za-zÀ-ÿ][\w'. -]*(?:\^[\w'. -]*)*")
# Words that stand where a name might, but are none.
_NO_NAME = re.compile(
    r"(?i)^(?:the|this|that|findings?|impression|results?|emergency|department|physician|doctor|nurse|team|radiolog\w*|"
    r"clinical|service|provider|patient|staff|attending|resident|technique|comparison|history|exam\w*|indication|"
    r"none|unknown|report|addendum|ordering|referring|primary|surgery|surgical|oncology|urology|trauma|ed|er|icu|on|"
    r"at|by|and|or|of|in|to|for|with|electronically|signed|dictated|no|recommend\w*|follow\w*|"
    r"x{3,})$")  # XXXX: hidden already


def find(seen: Seen, surrogates: Surrogates, lists: WordLists) -> Iterator[Hit]:
    """Each name after a title or cue, or before a degree, with the tag of its person."""
    text = seen.text
    if "^" in text:
        for match in _CARETS.finditer(text):
            name = match.group().replace("^", ", ", 1)
            yield _hit(Span(*match.span()), IdentifierRole.CLINICIAN, name, "name with carets", surrogates)
    for rule in _RULES:
        for cue in seen.at(rule.cues):
            span = _named(text, cue, rule)
            if span is None or text[span.start] == "[" or (rule.weak and not _strange(span.of(text), lists)):
                continue
            of_patient = rule.name == "title" and re.match(r"M(?:rs?|s|iss)", cue.of(text))
            yield _hit(span, IdentifierRole.PATIENT if of_patient else rule.role, span.of(text), rule.name, surrogates)


def _named(text: str, cue: Span, rule: _Rule) -> Span | None:
    """The name that the rule finds at a cue."""
    found = rule.after.match(text, cue.start)
    if found is None:
        return None
    if rule.before is not None:
        found = rule.before.search(text, max(0, cue.start - _LOOK_BACK), cue.start)
    return _trimmed(text, Span(*found.span("name"))) if found else None


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
