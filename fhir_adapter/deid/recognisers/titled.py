"""Names of people whom the message does not name, known by a title, a degree or a cue such as "dictated by"."""

import re
from collections.abc import Iterator

from fhir_adapter.deid.hits import Hit
from fhir_adapter.deid.surrogates import Surrogates
from fhir_adapter.model.report import IdentifierRole
from fhir_adapter.model.span import Span

_WORD = r"(?:[A-ZÀ-Þ][\w'’-]*[a-zß-ÿ][\w'’-]*|[A-ZÀ-Þ]{3,}(?:-[A-ZÀ-Þ]+)?)"
_INITIAL = r"[A-Z]\.?"
_NAME = rf"(?:{_WORD}|(?:{_INITIAL}\s+)+{_WORD})(?:(?:,\s?|[ \n]{{1,2}})(?:{_WORD}|{_INITIAL}(?=\W))){{0,3}}"
_TITLE = r"(?:Drs?|Doctor|Mrs?|Ms|Miss|Prof(?:essor)?|Nurse|Sister)\.?"
# RT without dots is a technologist only behind a comma; "XR ANKLE RT" is a side.
_DEGREE = (r"(?:M\.?D\.?|D\.?O\.?|R\.?N\.?|P\.A\.(?:-C)?|PA-C|N\.?P\.?|Ph\.?D\.?|MBBS|FRCR|R\.T\.(?:\(R\))?|RT\(R\)|"
           r"(?<=, )RT)(?![a-z])")
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
# Words that stand where a name might, but are none.
_NO_NAME = re.compile(
    r"(?i)^(?:the|this|that|findings?|impression|results?|emergency|department|physician|doctor|nurse|team|radiolog\w*|"
    r"clinical|service|provider|patient|staff|attending|resident|technique|comparison|history|exam\w*|indication|"
    r"none|unknown|report|addendum|ordering|referring|primary|surgery|surgical|oncology|urology|trauma|ed|er|icu|on|"
    r"at|by|and|or|of|in|to|for|with|electronically|signed|dictated|no|recommend\w*|follow\w*)$")


def find(text: str, surrogates: Surrogates) -> Iterator[Hit]:
    """Each name after a title or cue, or before a degree, with the tag of its person."""
    for rule, expression in _RULES:
        for match in expression.finditer(text):
            span = _trimmed(text, Span(*match.span("name")))
            if span is None or text[span.start] == "[":
                continue
            role = IdentifierRole.PATIENT if rule == "patient cue" else IdentifierRole.CLINICIAN
            if rule == "title" and re.match(r"M(?:rs?|s|iss)", match.group()):
                role = IdentifierRole.PATIENT
            yield Hit(span=span, replacement=surrogates.person(role, span.of(text)),
                      recogniser="titled name", rule=rule,
                      why="a name beside a title, a degree or a cue", rank=3)


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
