"""How a mention is meant: its cues, and the section it stands in."""

from collections.abc import Set

from fhir_adapter.model.reading import Assertion, Change, SectionKind
from fhir_adapter.nlp.mentions import Mention

_BY_CUE = (("FAMILY", Assertion.FAMILY), ("HYPOTHETICAL", Assertion.HYPOTHETICAL),
           ("NEGATED_EXISTENCE", Assertion.ABSENT), ("HISTORICAL", Assertion.HISTORICAL),
           ("POSSIBLE_EXISTENCE", Assertion.POSSIBLE))
# Nothing is found in an indication, a technique or a comparison: it is asked, named or past there.
_BY_SECTION = {SectionKind.INDICATION: Assertion.HYPOTHETICAL, SectionKind.TECHNIQUE: Assertion.HYPOTHETICAL,
               SectionKind.HEADER: Assertion.HYPOTHETICAL, SectionKind.COMPARISON: Assertion.HISTORICAL,
               SectionKind.SIGNATURE: Assertion.HYPOTHETICAL}
_CHANGES = (("NEW", Change.NEW), ("LARGER", Change.LARGER), ("SMALLER", Change.SMALLER), ("STABLE", Change.STABLE))


# Members of an enumeration take Python 3.11 a while to find.
_PRESENT, _ANYWHERE = Assertion.PRESENT, (Assertion.FAMILY, Assertion.HISTORICAL)
_NONE: frozenset[str] = frozenset()
_CHANGED = frozenset(category for category, _ in _CHANGES)


def categories(mention: Mention) -> Set[str]:
    """The kinds of cue that bear on a mention."""
    return {modifier.category for modifier in mention.modifiers} if mention.modifiers else _NONE


def of(mention: Mention, cues: Set[str], section: SectionKind, *, known: bool = False) -> Assertion:
    """The assertion; the strongest of the cues counts: family, hypothetical, absent, historical, possible.

    An indication asks; what is `known` (named under "history", or a disease that is not asked for) is historical there.
    """
    found = _PRESENT
    if cues:
        # "no change in the nodule", "stable": there is a nodule, whatever stands before the cue.
        denied = not ("STABLE" in cues and _only_denies_change(mention))
        for category, assertion in _BY_CUE:
            if category in cues and (denied or category != "NEGATED_EXISTENCE"):
                found = assertion
                break
    prior = _BY_SECTION.get(section)
    if prior is None or found in _ANYWHERE:
        return found
    if section is SectionKind.INDICATION:
        if found is Assertion.ABSENT:
            return found
        if (known or "KNOWN" in cues) and found is Assertion.PRESENT:
            return Assertion.HISTORICAL
    return prior


def _only_denies_change(mention: Mention) -> bool:
    stable = [m.span for m in mention.modifiers if m.category == "STABLE"]
    return all(any(s.overlaps(m.span) or s.covers(m.span) for s in stable) for m in mention.modifiers
               if m.category == "NEGATED_EXISTENCE")


def change(cues: Set[str]) -> Change | None:
    """What changed since an earlier examination, if the sentence says so."""
    if _CHANGED.isdisjoint(cues):
        return None
    return next(value for category, value in _CHANGES if category in cues)
