"""Titles, degrees and cues that a person's name stands beside, as rules for `titled`."""

import re
from dataclasses import dataclass

from fhir_adapter.model.report import IdentifierRole

_WORD = r"(?:[A-ZÀ-Þ][\w'’-]*[a-zß-ÿ][\w'’-]*|[A-ZÀ-Þ]{3,}(?:['’-][A-ZÀ-Þ]+)?)"
_INITIAL = r"[A-Z]\.?"
_PARTICLE = (r"(?:(?:(?i:van|von|der|den|del|della|de|di|da|du|dos|la|le|el|al|bin|ibn|ter|ten|und|zu|zum|zur|nic|"
             r"mac|mc|"
             r"ap|abu|bint|los|las)|Ní|ní|Ó|Ua)\s){1,4}")
_CALLED = r"(?:\s[\"“][A-Z][\w'’-]+[\"”](?=\s[A-Z]))?"
_NAME = (rf"(?:(?:{_PARTICLE})?{_WORD}{_CALLED}|(?:{_INITIAL}[ ]?)+(?:{_PARTICLE})?{_WORD})"
         rf"(?:(?:,\s?|[ \n]{{1,2}})(?:(?:{_PARTICLE})?{_WORD}|{_INITIAL}(?=\W))){{0,3}}")
_TITLE = (r"(?:Drs?|DRS?(?=\.)|Dra|Doctors?|Mrs?|MRS|MR(?=\.)|Ms|MS(?=\.)|Mme|Sra?|Miss|Master|Prof(?:essor)?|"
          r"Nurse|Sister|"
          r"Sgt|Pvt|Cpl|Cpt|Lt|Maj|Col|Officer|Deputy|Sheriff|Trooper|Detective|Capt|Rev|Pastor|Chaplain|Rabbi|"
          r"Attorney|Dame|Sir)\.?")
# RT without dots is a technologist only behind a comma; "XR ANKLE RT" is a side.
_DEGREE = (r"(?:M\.?D\.?|D\.?O\.?|R\.?N\.?|P\.A\.(?:-C)?|PA-C|N\.?P\.?|Ph\.?D\.?|MBBS|MBChB|FRCR|FRANZCR|FACR|RDMS|"
           r"R\.T\.(?:\(R\))?|RT\(R\)|Esq\.?|(?<=, )RT)(?![A-Za-z])")


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """Where one of the cues stands, `after` is matched from its first letter and `before` ends in front of it.

    The group `name` is in one of the two. A weak rule needs a word in the name that is no ordinary one.
    """

    name: str
    cues: frozenset[str]
    after: re.Pattern[str]
    before: re.Pattern[str] | None = None
    role: IdentifierRole = IdentifierRole.CLINICIAN
    weak: bool = False
    lowered: bool = False
    """The name has no capitals, and how far it goes, its words tell."""


def _rule(name: str, cues: str, after: str, *, before: str = "", role: IdentifierRole = IdentifierRole.CLINICIAN,
          weak: bool = False, lowered: bool = False) -> Rule:
    return Rule(name=name, cues=frozenset(cues.split("|")), after=re.compile(after), weak=weak, role=role,
                lowered=lowered, before=re.compile(before) if before else None)


_TITLES = ("dr|drs|dra|doctor|doctors|mr|mrs|ms|mme|sr|sra|miss|master|prof|professor|nurse|sister|sgt|pvt|cpl|"
           "cpt|lt|maj|col|pfc|officer|"
           "deputy|sheriff|"
           "trooper|detective|capt|rev|pastor|chaplain|rabbi|attorney|dame|sir")
_KIN = ("wife|husband|spouse|mother|father|mom|dad|daughter|son|sister|brother|aunt|uncle|partner|guardian|niece|"
        "nephew|caregiver|fiance|fiancee|fiancé|fiancée|grandson|granddaughter|grandmother|grandfather|grandma|grandpa|"
        "girlfriend|boyfriend|friend|neighbor|neighbour|roommate|cousin|stepmother|stepfather|poa|interpreter|adjuster|"
        "mum|next of kin")
_DONE = ("dictated|signed|read|reviewed|interpreted|transcribed|approved|verified|reported|performed|requested|ordered|"
         "attested|finalized|supervised|activated|seen|evaluated|examined|paged|addendum|authenticated|checked|"
         "typed|referred|scanned")
_TOLD = ("discussed with|called to|communicated to|communicated with|notified|relayed to|conveyed to|telephoned to|"
         "phoned to|spoke with|spoke to|spoken to|talked to|talked with|reported to|informed|spoke w/|given to|read to|"
         "paged to|reviewed with|reviewed w/|discussed w/|texted to|faxed to|emailed to")
_CLINICIANS = ("radiologist|attending|resident|referring|ordering|technologist|sonographer|dictating|fellow|consultant|"
               "registrar|referrer|pcp|gp|surgeon")
_ROLES = ("nurse|sister|midwife|practitioner|physician|surgeon|oncologist|cardiologist|neurologist|hospitalist|intern|"
          "fellow|resident|attending|technologist|tech|coordinator|secretary|clerk|paramedic|provider|radiologist|"
          "registrar|consultant|assistant|pcp|gp|navigator|therapist|pharmacist|scribe|transcriptionist|sonographer|"
          "physicist|neonatologist|pediatrician|intensivist|dr|doctor")
_LABELS = ("name|caller|contact|recipient|provider|physician|surgeon|author|to|from|attn|attention|cc|re|regarding|by|"
           "with|tech|nurse|clinician|doctor|staff|signature|signed|reader|dictator|spouse|kin|guarantor|insured|"
           "employer|"
           "proxy|poa|res|rad|subject|claimant|accompanied by|father of baby|patient|pt|e-signed")
_CLOSINGS = ("thank you|thanks|sincerely|regards|respectfully|yours|best|cheers|best wishes|faithfully|truly|cordially|"
             "atentamente|grüßen|cordialement")
_VERBS = ("presents|presented|reports|reported|complains|complained|denies|denied|states|underwent|was seen|"
          "was admitted|was born|was brought|has a history|came|returns|called|fell|attended|is to return|was told")
_DEGREES = ("md|m.d|do|d.o|rn|r.n|p.a|pa|np|n.p|phd|ph.d|mbbs|mbchb|frcr|franzcr|facr|rdms|rt|r.t|esq")
_ADJECTIVE = "pleasant|very|young|healthy|elderly|former|known|right|left|retired|premature|term|lovely|kind"
_OTHER_NAME = ("née|nee|born as|maiden name|alias|aka|a.k.a|also known as|legal name|preferred name|goes by|"
               "formerly|formerly known as|true name|"
               "trauma name")


_ORIGIN = r"(?:[A-Z][\w-]+\s){1,3}(?:(?:fe)?male|(?:wo)?man|boy|girl|patient|gentleman|lady|child|infant)\b"
"""Where people come from stands where a name might: a 60-year-old Asian male."""


def _any(words: str) -> str:
    return f"(?i:{words})".replace(" ", r"\s")


_TOLD_OF = (r"\s(?:(?:was|were|has\sbeen|is|made|verbally)\s){0,2}(?:notified|informed|called|paged|contacted|"
            r"telephoned|phoned|texted|told|aware|alerted|updated|acknowledged|confirmed|verbalized|verbalised|repeated|"
            r"read\sback)\b")
"""What is said of a person whom a result was told."""
_NO_NAME = (r"(?!(?i:notified|informed|called|paged|contacted|told|aware|made|was|at|by|call|case|charge|staff|manager|"
            r"supervisor|coordinator|navigator|team|desk|station|view|chest|film|and)\b)")
"""What follows a degree in a title or a telegram."""
_AND_TITLE = rf"(?:{_TITLE}\s+)?"
RULES = (
    _rule("title", _TITLES, rf"{_TITLE}[ \n]+(?P<name>{_NAME})"),
    _rule("title in capitals", "dr|drs|doctor", rf"(?:DRS?|DOCTOR)\s(?P<name>{_NAME})", weak=True),
    _rule("second of two", "dr|drs|doctors|mr|mrs|ms",
          rf"{_TITLE}[ \n]+{_NAME},?\s(?:and|&)\s{_AND_TITLE}(?P<name>{_NAME})", weak=True),
    _rule("title and initial", "dr|mr|mrs|ms|miss|prof", rf"{_TITLE}[ \n]+(?P<name>[A-Z]\.)(?=[\s,;)?]|$)"),
    _rule("degree", _DEGREES, _DEGREE, before=rf"\b(?P<name>{_NAME}),?[ \n]+$"),
    _rule("degree after a comma", "pa|ma|ms|dc|np", r"(?:PA|MA|MS|DC|NP)(?![\w-])", before=rf"\b(?P<name>{_NAME}),\s$",
          weak=True),
    _rule("signature cue", _DONE,
          rf"{_any(_DONE)}\s(?i:and\s\w+\s)?(?i:by)\s*:?\s*{_AND_TITLE}(?P<name>{_NAME})"),
    _rule("signature", "signed|e-signed", rf"(?i:e-?signed|signed)\s(?P<name>{_NAME})", weak=True),
    _rule("attestation", "i", rf"I,\s{_AND_TITLE}(?P<name>{_NAME}),", weak=True),
    _rule("communication cue", _TOLD, rf"{_any(_TOLD)}\s(?:(?i:the|rn|np|pa)\s)?{_AND_TITLE}(?P<name>{_NAME})"),
    _rule("patient cue", "patient|pt|name", rf"(?i:(?:patient|pt)(?:['’]?s?\sname)?|"
                                            rf"name)\s*:\s*{_AND_TITLE}(?P<name>{_NAME})",
          role=IdentifierRole.PATIENT),
    _rule("patient by name", "patient|pt|claimant", rf"(?i:patient|pt|claimant)\s{_AND_TITLE}(?P<name>{_NAME})",
          role=IdentifierRole.PATIENT, weak=True),
    _rule("clinician cue", _CLINICIANS,
          rf"{_any(_CLINICIANS)}(?i:\sphysician|\sprovider)?\s*:\s*{_AND_TITLE}(?P<name>{_NAME})"),
    _rule("relative cue", _KIN, rf"{_any(_KIN)}(?:\s(?:named|called)\s|,?\s|\s?\(|:\s?){_AND_TITLE}(?P<name>{_NAME})",
          role=IdentifierRole.RELATIVE, weak=True),
    _rule("role before", f"rn|np|pa c|pa|do|lpn|lvn|cnm|crna|cnp|aprn|arnp|md|np c|rra|ma|cna|{_ROLES}",
          rf"(?:RN|NP|PA-C|PA|DO|LPN|LVN|CNM|CRNA|CNP|APRN|ARNP|MD|NP-C|RRA|MA|CNA|"
          rf"{_any(_ROLES)})\s\(?(?P<name>{_NAME})",
          weak=True),
    # A degree that means nothing else, or of whom it is told, needs no rare name: RN Jones, PA Smith was paged.
    _rule("degree before", "rn|pa c|lpn|lvn|cnm|crna|cnp|aprn|arnp|np c",
          rf"(?:RN|PA-C|LPN|LVN|CNM|CRNA|CNP|APRN|ARNP|NP-C)\s{_NO_NAME}"
          rf"(?P<name>(?:{_INITIAL}\s)?{_WORD}(?:[ \n]{_WORD})?)"),
    _rule("degree of whom it is told", "np|pa|do|md|ma|cna",
          rf"(?:NP|PA|DO|MD|MA|CNA)\s{_NO_NAME}(?P<name>{_NAME})(?={_TOLD_OF})"),
    _rule("technologist before", "rt", rf"RT\s(?P<name>[A-Z][a-z]+\s{_WORD})", weak=True),
    _rule("labelled name", _LABELS,
          rf"{_any(_LABELS)}(?:\s?:[ \t]*\n?[ \t]*|\s[-–]\s){_AND_TITLE}(?P<name>{_NAME})", weak=True),
    _rule("another name", _OTHER_NAME, rf"{_any(_OTHER_NAME)}\s?:?\s[\"“'‘]?(?P<name>{_NAME})", weak=True),
    _rule("closing", _CLOSINGS,
          rf"{_any(_CLOSINGS)}(?i:\syours)?[,.!]?\s*\n+\s*(?:[-–—]\s?)?{_AND_TITLE}(?P<name>{_NAME})", weak=True),
    _rule("person of an age", "old",
          rf"(?i:old),?\s(?:(?i:male|female|man|woman|boy|girl|infant),?\s)?(?!{_ORIGIN})(?P<name>{_NAME})",
          role=IdentifierRole.PATIENT, weak=True),
    _rule("newborn", "baby|infant|newborn|bb|bg",
          rf"(?i:baby|infant|newborn|bb|bg)\s(?i:boy|girl|of)?\s?(?:[A-D]\s)?(?P<name>{_WORD})",
          role=IdentifierRole.PATIENT, weak=True),
    _rule("subject of a sentence", f"is a|is an|{_VERBS}",
          rf"(?i:is\san?\s(?:\d|(?:{_ADJECTIVE})\b))|{_any(_VERBS)}",
          before=rf"(?:^|[.:\n]\s{{0,2}})(?P<name>{_WORD}(?:,?\s{_WORD})?)\s$", role=IdentifierRole.PATIENT, weak=True),
)
COPIES = re.compile(rf"(?:^|;|\n[ \t]*)\s?{_AND_TITLE}(?P<name>{_NAME})(?=\s*(?:[;,\n(]|$))")
"""Each of several people whom a copy goes to, parted by semicolons or on lines of their own."""
COPIED = frozenset({"cc", "bcc", "copies to", "copy to", "distribution"})
LOWERED = (
    _rule("title in small letters", "dr|doctor|mr|mrs|ms", r"(?:dr|doctor|mr|mrs|ms)\.?\s(?P<name>[^\W\d_].*)",
          lowered=True),
    _rule("signature in small letters", _DONE, rf"{_any(_DONE)}\sby\s*:?\s*(?P<name>[^\W\d_].*)", lowered=True),
    _rule("label in small letters",
          "name|patient|pt|tech|technologist|ordering|referring|attending|resident|radiologist|signed|provider|"
          "physician|"
          "nurse|surgeon|trp|typist",
          r"(?i:(?:(?:patient|pt)\s)?name|patient|pt|tech|technologist|(?:ordering|referring|"
          r"attending)(?:\s(?:physician|provider))?|"
          r"resident|radiologist|signed|provider|physician|nurse|surgeon|trp|typist)\s?:\s?(?P<name>[^\W\d_].*)",
          lowered=True),
    _rule("patient in small letters", "pt|patient|dictating on", r"(?i:pt|patient|dictating\son)\s(?P<name>[^\W\d_].*)",
          role=IdentifierRole.PATIENT, lowered=True),
)
"""What a name without capitals stands after."""
BY_CUE = {cue: tuple((n, rule) for n, rule in enumerate((*RULES, *LOWERED)) if cue in rule.cues)
          for cue in sorted({cue for rule in (*RULES, *LOWERED) for cue in rule.cues})}
"""The rules of each cue, with their place in the row of all."""
CUES = COPIED | frozenset(cue for rule in (*RULES, *LOWERED) for cue in rule.cues)
