"""One report from its resources: the text cut where evidence begins and ends, and the insights that it proves."""

import base64
import binascii
import itertools
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from fhir_adapter.emitters import evidence
from fhir_adapter.emitters.terminology import ASSERTIONS, KINDS
from fhir_adapter.model.insight import Urgency
from fhir_adapter.model.reading import Assertion
from fhir_adapter.model.report import Paragraph
from fhir_adapter.model.span import Span
from fhir_adapter.service.showing.statement import coded, statement

Resource = Mapping[str, Any]

_HEADING = re.compile(r"^[A-Z][A-Z0-9 /&,()-]{2,60}:", re.MULTILINE)
_RADLEX = "http://radlex.org"
_STYLES = {Assertion.PRESENT: "present", Assertion.POSSIBLE: "possible", Assertion.HYPOTHETICAL: "possible"}
_STRENGTH = ("present", "possible", "denied")
_URGENCIES = ("emergent", "urgent", "noncritical", "")
_WHOLE, _SHORT = 0.9, 120
"""Words that are nine tenths of a text of more than so many characters are the whole report."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """One insight: number in the report, kind, urgency (`emergent`, `urgent`, `noncritical` or empty), its sentence.

    `style` says how the text means it: `present`, `possible` or `denied` (absent, recalled, someone else's). One whose
    proof is the `whole` report has no words of its own to underline.
    """

    number: int
    kind: str
    urgency: str
    style: str
    statement: str
    rule: str
    confidence: float | None
    words: tuple[str, ...]
    evidence: tuple[Span, ...]
    whole: bool = False
    type: str
    id: str
    version: int
    resource: Resource


@dataclass(frozen=True, slots=True, kw_only=True)
class Piece:
    """A stretch of the text without a boundary inside: the insights that it proves, the field that it came from.

    `first_of` are the insights whose first words these are; `style` and `urgency` are the strongest of those here.
    """

    text: str
    insights: tuple[int, ...]
    style: str
    urgency: str
    source: str
    heading: bool
    first_of: tuple[int, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """Insights that belong together, the most urgent group first; `quiet` ones are folded away at first."""

    name: str
    insights: tuple[Shown, ...]
    quiet: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownReport:
    """One report; `text` is what the offsets of the evidence count in."""

    id: str
    title: str
    status: str
    issued: str
    made_by: str
    text: str = field(repr=False)  # the pieces are the same text; the twin need not say it twice
    pieces: tuple[Piece, ...]
    groups: tuple[Group, ...]
    others: tuple[str, ...]
    """The other resources of the report, as `Patient/…`."""

    @property
    def insights(self) -> tuple[Shown, ...]:
        """All of them."""
        return tuple(one for group in self.groups for one in group.insights)


def shown(resources: Sequence[tuple[Resource, int]], *, paragraphs: Sequence[Paragraph] = ()) -> ShownReport | None:
    """The report of these resources (each with its version); None where there is no DiagnosticReport among them.

    `paragraphs` say where in the message the stretches of the text stood, where that is known.
    """
    report = next((one for one, _ in resources if one.get("resourceType") == "DiagnosticReport"), None)
    if report is None:
        return None
    text, made_by = _text(report), ""
    insights: list[Shown] = []
    others: list[str] = []
    for resource, version in resources:
        spans = _evidence(resource, len(text))
        if spans:
            insights.append(_shown(len(insights) + 1, resource, version, spans, text))
        else:
            others.append(f"{resource.get('resourceType')}/{resource.get('id')}")
        if resource.get("resourceType") == "Provenance":
            made_by = str(resource.get("agent", [{}])[0].get("who", {}).get("display", ""))
    return ShownReport(
        id=str(report.get("id", "")), title=str(report.get("code", {}).get("text", "")) or coded(report.get("code")),
        status=str(report.get("status", "")), issued=str(report.get("issued") or report.get("effectiveDateTime") or ""),
        made_by=made_by, text=text, pieces=tuple(pieces(text, insights, paragraphs)), groups=tuple(_groups(insights)),
        others=tuple(others))


def _text(report: Resource) -> str:
    try:
        data = report["presentedForm"][0]["data"]
        return base64.b64decode(data).decode()
    except (KeyError, IndexError, binascii.Error, UnicodeDecodeError):
        return ""


def _evidence(resource: Resource, length: int) -> tuple[Span, ...]:
    """The stretches that a resource names as its proof, those beyond the text left out."""
    out = []
    for extension in resource.get("extension", ()):
        if extension.get("url") != evidence.URL:
            continue
        values = {part.get("url"): part.get("valueInteger") for part in extension.get("extension", ())}
        start, size = values.get("offset"), values.get("length")
        if isinstance(start, int) and isinstance(size, int) and 0 <= start <= start + size <= length:
            out.append(Span(start, start + size))
    return tuple(out)


def _shown(number: int, resource: Resource, version: int, spans: tuple[Span, ...], text: str) -> Shown:
    codes = {(code.get("system"), code.get("code")) for category in resource.get("category", ())
             for code in category.get("coding", ())}
    kind = next((str(code) for system, code in codes if system == KINDS), "")
    urgency = next((Urgency(str(code)).name.lower() for system, code in codes
                    if system == _RADLEX and code in set(Urgency)), "")
    extensions = {one.get("url"): one for one in resource.get("extension", ())}
    rule = extensions.get(evidence.RULE, {}).get("valueString", "")
    whole = len(text) > _SHORT and any(len(span) >= _WHOLE * len(text) for span in spans)
    words = ("the whole report",) if whole else tuple(dict.fromkeys(" ".join(span.of(text).split()) for span in spans))
    return Shown(number=number, kind=kind, urgency="" if urgency == "none" else urgency, style=_style(resource),
                 statement=statement(resource), rule=str(rule), words=words,
                 confidence=extensions.get(evidence.CONFIDENCE, {}).get("valueDecimal"), evidence=spans,
                 whole=whole,
                 type=str(resource.get("resourceType", "")), id=str(resource.get("id", "")), version=version,
                 resource=resource)


def _style(resource: Resource) -> str:
    for code in (resource.get("valueCodeableConcept") or {}).get("coding", ()):
        if code.get("system") == ASSERTIONS:
            return _STYLES.get(Assertion(code.get("code")), "denied")
    return "present"


def pieces(text: str, insights: Sequence[Shown], paragraphs: Sequence[Paragraph] = ()) -> Iterable[Piece]:
    """The whole text, cut wherever evidence, a heading or a field of the message begins or ends."""
    insights = [one for one in insights if not one.whole]
    headings = [Span(match.start(), match.end()) for match in _HEADING.finditer(text)]
    cuts = {0, len(text)}
    for span in (*(span for one in insights for span in one.evidence), *headings, *_fields(paragraphs)):
        cuts |= {span.start, span.end}
    order = sorted(one for one in cuts if one <= len(text))
    firsts = {one.number: min(one.evidence).start for one in insights}
    for start, end in itertools.pairwise(order):
        here = Span(start, end)
        proved = [one for one in insights if any(span.covers(here) for span in one.evidence)]
        style = min((one.style for one in proved), key=_STRENGTH.index, default="")
        urgency = min((one.urgency for one in proved), key=_URGENCIES.index, default="")
        source = next((one.source for one in paragraphs if one.span.covers(here)), "")
        yield Piece(text=inert(here.of(text)), insights=tuple(one.number for one in proved), style=style,
                    urgency=urgency, source=source, heading=any(span.covers(here) for span in headings),
                    first_of=tuple(one.number for one in proved if firsts[one.number] == start))


def _fields(paragraphs: Sequence[Paragraph]) -> list[Span]:
    """Where the text passes from one field of the message to another."""
    out: list[tuple[str, Span]] = []
    for one in paragraphs:
        if out and out[-1][0] == one.source:
            out[-1] = (one.source, Span(out[-1][1].start, max(out[-1][1].end, one.span.end)))
        else:
            out.append((one.source, one.span))
    return [span for _, span in out]


def _groups(insights: Sequence[Shown]) -> Iterable[Group]:
    chosen = (
        ("Tell someone within minutes", lambda one: one.urgency == "emergent", False),
        ("Tell someone within hours", lambda one: one.urgency == "urgent", False),
        ("Tell someone within days", lambda one: one.urgency == "noncritical", False),
        ("Other insights", lambda one: one.kind not in ("finding", "qualityMeasure"), False),
        ("Findings", lambda one: one.kind == "finding" and one.style != "denied", False),
        ("Denied or recalled", lambda one: one.kind == "finding", True),
        ("Quality measures", bool, True),
    )
    left = list(insights)
    for name, belongs, quiet in chosen:
        some = [one for one in left if belongs(one)]
        left = [one for one in left if not belongs(one)]
        if some:
            yield Group(name=name, insights=tuple(some), quiet=quiet)


def inert(text: str) -> str:
    """Control characters made visible, so that none can act; the same number of characters."""
    return "".join(c if c in "\n\t" or c.isprintable() else "\ufffd" for c in text)
