"""Mentions of one thing in several places of a report are one thing."""

from collections.abc import Iterable
from dataclasses import replace

from fhir_adapter.insights.alike import Said, alike
from fhir_adapter.model.code import Code
from fhir_adapter.model.reading import Assertion, Finding, SectionKind
from fhir_adapter.model.span import Span

_NOT_FOUND_HERE = {SectionKind.INDICATION, SectionKind.TECHNIQUE, SectionKind.COMPARISON, SectionKind.HEADER,
                   SectionKind.SIGNATURE}


def reported(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """The findings that the report itself makes: not asked for in the indication, nor named in technique."""
    return tuple(f for f in findings if f.sentence.section not in _NOT_FOUND_HERE)


def grouped(findings: Iterable[Finding]) -> tuple[tuple[Finding, ...], ...]:
    """The mentions of each finding, in the order of the first one.

    Mentions are the same where concept, assertion, side and site are; an unsaid side or site is the same as any.
    Different sizes are different things.
    """
    return alike(findings, _kind, _said)


def merged(findings: Iterable[Finding]) -> tuple[tuple[Finding, tuple[Span, ...]], ...]:
    """Each finding once, with the words of all its mentions; the mention with the most to say speaks for all."""
    return tuple((best(group), evidence(*group)) for group in grouped(findings))


def _kind(finding: Finding) -> tuple[Code, Assertion]:
    return finding.concept, finding.assertion


def _said(finding: Finding) -> Said:
    return (finding.measurements[0].values if finding.measurements else None,
            finding.sites[0].code if finding.sites else None, finding.side)


def best(group: tuple[Finding, ...]) -> Finding:
    """The mention with the most to say, with what only the others say of side, site, change and severity."""
    if len(group) == 1:
        return group[0]
    most = max(group, key=lambda f: (len(f.measurements), len(f.sites), f.side is not None))
    return replace(most, side=most.side or next((f.side for f in group if f.side), None),
                   sites=most.sites or next((f.sites for f in group if f.sites), ()),
                   change=most.change or next((f.change for f in group if f.change), None),
                   severity=most.severity or next((f.severity for f in group if f.severity), None))


def unique(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """Each mention once, in the order of the first."""
    return tuple({mark(finding): finding for finding in findings}.values())


def mark(finding: Finding) -> tuple[Span, str]:
    """What tells mentions of one report apart: where they stand and the row that knew them."""
    return finding.span, finding.rule


def evidence(*findings: Finding) -> tuple[Span, ...]:
    """The words of findings: first where they are named, then what decided assertion, side, site and size."""
    first = [f.span for f in findings]
    more = [span for f in findings for span in (*f.cues, *(s.span for s in f.sites), *(m.span for m in f.measurements))]
    return tuple(dict.fromkeys((*first, *more)))
