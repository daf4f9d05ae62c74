"""A thing: all mentions of one finding that a report makes, and whether it is news."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from decimal import Decimal

from fhir_adapter.insights.alike import Said, alike
from fhir_adapter.model.code import Code
from fhir_adapter.model.reading import Assertion, Change, Finding, Quantity
from fhir_adapter.model.span import Span
from fhir_adapter.scan import lowered
from fhir_adapter.tables.critical import Certainty

_MEANT = (Assertion.PRESENT, Assertion.POSSIBLE)
_CLEARLY = Decimal("1.1")  # times as large, which no two readers measure in the same lesion
_MM = {"mm": Decimal(1), "cm": Decimal(10)}
# Patterns here are in small letters and for a text in small letters, where Python is two to three times as quick.
_WEAK = re.compile(r"\b(?:may|might|could|possib\w*|question\w*|versus|vs|either|equivocal|unclear|uncertain)\b|\?")
# What leaves a mention no more than not excluded.
_REMOTE = re.compile(r"\b(?:low suspicion|less likely|can(?:not| not)?|differential\w*|ddx|consider(?:ed|ations?)?|"
                     r"exclude\w*|rule[ds]? out)\b")
# Words before a mention, in its clause, that make it one of several possibilities, however far they stand.
_ONE_OF = re.compile(r"\b(?:(?:may|might|could)\s+(?:also\s+)?(?:represent|reflect|indicate|be|suggest|relate|include)|"
                     r"versus|vs)\b")
# "atelectasis or pneumonia": one of the two.
_OR_BEFORE = re.compile(r"\w\s+or\s+(?:(?:early|developing|superimposed|small|subtle|acute|focal)\s+)?$")
_OR_BEHIND = re.compile(r"\s+(?:or|versus|vs\.?)\s+(?!more\b|greater\b|larger\b|less\b)\w")
_ONE_OF_MANY = re.compile(r"\b(?:differential(?:\s+diagnos\w+)?|ddx|less likely|not appear to be|considerations?)\b")
# "low probability for …": what is improbable is denied as well as it can be.
_IMPROBABLE = re.compile(
    r"\b(?:(?:low|minimal|little|doubtful)\s+(?:probability|likelihood|suspicion|risk|concern)\s+(?:for|of)|unlikely|"
    r"not\s+(?:felt|thought|believed|likely)\s+to\s+(?:be|represent)|insufficient\s+(?:for|to\s+diagnose))\s+"
    r"(?:[\w-]+\s+){0,3}$")
# "no lesion suspicious for …": what is denied is what it would have meant, too.
_DENIED = re.compile(
    r"\b(?:no|without)\b[^.;:,]*\b(?:indicative\s+of|(?:consistent|compatible)\s+with|suggestive\s+of|suggest\w*|"
    r"(?:concern\w*|suspicious|worrisome)\s+for|represent\w*)\s+(?:[\w-]+\s+){0,2}$")
# "favor glioma over metastasis": the other one is not meant.
_RATHER = re.compile(r"\b(?:rather\s+than|instead\s+of|as\s+opposed\s+to|favor\w*\b[^.;]{3,60}\bover)\s+"
                     r"(?:[\w-]+\s+){0,3}$")
_FRESH = re.compile(r"\b(?:acute(?:[ -]on[ -]chronic)?|hyperacute|new(?:ly)?|worsen\w*|enlarging|growing|"
                    r"incidental(?:ly)?|increas\w+|progress\w+)\W+(?:\w+\W+){0,3}$")
_AGE_UNKNOWN = re.compile(r"age.?indeterminate")
# "…, unchanged" behind a mention, "interval decrease of the …" before it.
_SETTLED_BEHIND = re.compile(
    r"[^;]*,\s*(?:\w+ly\s+)?(?:unchanged|stable|similar|decreas\w+|improv\w+|smaller|resolving)\b")
_SETTLED_BEFORE = re.compile(
    r"\b(?:(?:decrease|improvement|resolution|regression)\s+(?:of|in)\s+(?:\w+\s+){0,5}|"
    r"(?:stable|unchanged)\s+(?:[\w-]+\s+){0,2})$")
# Where what is said of a mention ends.
_CLAUSE = re.compile(r";|,\s+(?:and|but|with|while|although)\b|\b(?:but|however|although|whereas)\b")


@dataclass(frozen=True, slots=True, kw_only=True)
class Thing:
    """One finding with its mentions, the surest first, and their sentences.

    `fresh` says that it is new, acute or growing; `diameter` is its largest current one in millimetres.
    """

    concept: str
    certainty: Certainty
    mentions: tuple[Finding, ...]
    sentences: tuple[str, ...]
    fresh: bool
    diameter: Decimal | None


def things(findings: Iterable[Finding], text: str, known: re.Pattern[str]) -> Iterator[Thing]:
    """The things that are news, in order; `known` are words for what is known or has been treated.

    Mentions are of one thing where concept, side and exact site agree or are unsaid. What one section calls stable,
    smaller, chronic or known is no news in another, unless that one calls it new, acute or larger.
    """
    for group in alike(_mentions(findings, text, known), _concept, _place):
        news = [mention for mention in group if mention.news]
        fresh = any(mention.fresh for mention in news)
        told = {mention.finding.sentence.section for mention in news}
        if not news or not (fresh or all(mention.finding.sentence.section in told for mention in group)):
            continue
        news.sort(key=lambda mention: -mention.certainty)
        found = tuple(mention.finding for mention in news)
        yield Thing(concept=found[0].concept.code, certainty=news[0].certainty, mentions=found,
                    sentences=tuple(f.sentence.span.of(text) for f in found), fresh=fresh,
                    diameter=_largest(found, current=True))


@dataclass(frozen=True, slots=True)
class _Mention:
    """One mention that is meant and not denied, how sure it is, and whether it is fresh, or news at least."""

    finding: Finding
    certainty: Certainty
    fresh: bool
    news: bool


def _mentions(findings: Iterable[Finding], text: str, known: re.Pattern[str]) -> Iterator[_Mention]:
    low = lowered(text)
    for finding in findings:
        if finding.assertion not in _MEANT:
            continue
        clause = _clause(finding, low)
        before = low[clause.start : finding.span.start]
        if not _denied(before):
            fresh = _fresh(finding, low)
            settled = not fresh and (_settled(finding, low, clause) or known.search(clause.of(text)) is not None)
            yield _Mention(finding, _certainty(finding, before, low), fresh, not settled)


def _concept(mention: _Mention) -> Code:
    return mention.finding.concept


def _place(mention: _Mention) -> Said:
    finding = mention.finding
    return finding.sites[0].code if finding.sites else None, finding.side


def _certainty(finding: Finding, before: str, text: str) -> Certainty:
    """How sure its sentence is.

    "Likely", "suspicious for" and "concerning for" are more than "may" and "versus", these more than "cannot be
    excluded" and "the differential includes".
    """
    if _ONE_OF_MANY.search(before):
        return Certainty.REMOTE
    if finding.assertion is Assertion.PRESENT:
        one_of = _ONE_OF.search(before) or _OR_BEFORE.search(before) or _OR_BEHIND.match(text, finding.span.end)
        return Certainty.POSSIBLE if one_of else Certainty.PRESENT
    cues = [cue.of(text) for cue in finding.cues]
    if any(map(_REMOTE.search, cues)):
        return Certainty.REMOTE
    return Certainty.POSSIBLE if not cues or any(map(_WEAK.search, cues)) else Certainty.SUSPECTED


def _denied(before: str) -> bool:
    return any(pattern.search(before) for pattern in (_DENIED, _IMPROBABLE, _RATHER))


def _fresh(finding: Finding, text: str) -> bool:
    chronicity = finding.chronicity.code.display if finding.chronicity else ""
    return (finding.change in (Change.NEW, Change.LARGER) or chronicity == "Acute onset" or _growth(finding) > 0
            or _FRESH.search(text[finding.sentence.span.start : finding.span.start]) is not None)


def _growth(finding: Finding) -> int:
    """1 where its own numbers say that a finding is clearly larger than before, -1 where no larger, 0 where none do."""
    if not finding.measurements:
        return 0
    now, before = _largest([finding], current=True), _largest([finding], current=False)
    if now is None or before is None:
        return 0
    return 1 if now > before * _CLEARLY else -1 if now <= before else 0


def _settled(finding: Finding, text: str, clause: Span) -> bool:
    if finding.change in (Change.STABLE, Change.SMALLER) or _growth(finding) < 0:
        return True
    chronic = finding.chronicity
    if chronic and chronic.code.display == "Chronic" and not _AGE_UNKNOWN.search(chronic.span.of(text)):
        return True
    return (_SETTLED_BEHIND.match(text, finding.span.end, clause.end) is not None
            or _SETTLED_BEFORE.search(text[clause.start : finding.span.start]) is not None)


def _clause(finding: Finding, text: str) -> Span:
    whole = finding.sentence.span
    before = [m.end() for m in _CLAUSE.finditer(text, whole.start, finding.span.start)]
    after = _CLAUSE.search(text, finding.span.end, whole.end)
    return Span(before[-1] if before else whole.start, after.start() if after else whole.end)


def _largest(findings: Iterable[Finding], *, current: bool) -> Decimal | None:
    sizes = [value * _MM[m.unit] for f in findings for m in f.measurements
             if m.current is current and m.quantity is Quantity.LENGTH and m.unit in _MM
             for value in (*m.values, *((m.high,) if m.high else ()))]
    return max(sizes, default=None)
