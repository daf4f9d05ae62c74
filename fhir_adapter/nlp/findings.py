"""Findings of one sentence, each with its site, side, change and degree; concepts made exact by their site."""

from collections.abc import Iterator, Sequence, Set
from operator import attrgetter

from fhir_adapter.model.code import Code
from fhir_adapter.model.reading import Finding, Qualifier, Sentence, Site
from fhir_adapter.model.report import Side
from fhir_adapter.model.span import Span
from fhir_adapter.nlp import assertion, sides
from fhir_adapter.nlp.linking import Linker
from fhir_adapter.nlp.lower import lower
from fhir_adapter.nlp.mentions import Mention
from fhir_adapter.tables.language import LanguageTables
from fhir_adapter.tables.once import once

_SEVERITIES = {"MILD": "Mild", "MODERATE": "Moderate", "SEVERE": "Severe"}
_CHRONICITIES = {"ACUTE": "Acute onset", "SUBACUTE": "Subacute", "CHRONIC": "Chronic"}
_WEIGHTING = lower(
    r"t[12](?=\s*[*/-]|\s+(?:hyper|hypo|iso|signal|weight|flair|bright|dark|shine|short|prolong|image|sequence|hetero|"
    r"intermediate|gradient|fat|stir|post|pre|axial|sagittal|coronal|and\s+(?:t[12]|stir|flair)|or\s+t[12]))")
_PARTS = ("head", "neck")
_LINGULA = ("targets.json lingula", "targets.json lingular")
# Without more words, a pole is one of the kidney, unless the report is about what else has poles.
_POLES = ("upper pole", "lower pole", "interpole")
_POLAR = lower(r"\b(?:thyroid|ti-?rads|isthmus|testi[cs]\w*|spleen|splenic|patella\w*|nuclear)\b")
_RENAL = lower(r"\b(?:kidneys?|renal|nephr\w+|hydronephr\w+|ureter\w*)\b")
_ENDS = ("base", "bases", "apex", "apices")
_OF_ANOTHER = lower(r"\s+of\s+(?!(?:the\s+|both\s+|left\s+|right\s+)*lungs?\b)")
_BOTH = {Side.LEFT, Side.RIGHT}
_PLACE = attrgetter("start", "end")


def of_other_poles(low: str) -> bool:
    """Whether the poles of a report (in lower case) are those of something else than a kidney."""
    return "pole" in low and _POLAR.search(low) is not None and _RENAL.search(low) is None


def sites(low: str, sentence: Span, mentions: Sequence[Mention], words: Sequence[sides.SideWord], *,
          other_poles: bool = False) -> list[Site]:
    """The sites among the mentions of a sentence of a text in lower case, each with its own side, in order.

    T1 and T2 weighting are none, nor is the head of a bone ("first metatarsal head"), the base of what is no lung or,
    with `other_poles`, the pole of what is no kidney.
    """
    mentions = [m for n, m in enumerate(mentions) if not (low[m.span.start] == "t" and _WEIGHTING.match(
        low, m.span.start)) and not (
        m.row.literal in _PARTS and n and m.span.start - mentions[n - 1].span.end == 1) and not (
        m.row.literal in _ENDS and _OF_ANOTHER.match(low, m.span.end)) and not (
        other_poles and m.row.literal in _POLES)]
    if not words:
        return [_sited(m, None) for m in mentions]
    linker = Linker(low, sentence, [m.span for m in mentions], [w.span for w in words])
    return [_sited(m, _side_of(number, m.span, linker, words)) for number, m in enumerate(mentions)]


def _sited(mention: Mention, word: sides.SideWord | None) -> Site:
    rule = f"targets.json {mention.row.literal}"
    if word is None:
        return Site(code=mention.row.code, span=mention.span, rule=rule)
    return Site(code=mention.row.code, span=mention.span, side=word.side, side_span=word.span, rule=rule)


def find(low: str, sentence: Sentence, named: Sequence[Mention], local: Sequence[Site],
         words: Sequence[sides.SideWord], tables: LanguageTables, *, history: bool = False) -> Iterator[Finding]:
    """The findings of a sentence of a text in lower case, in order, from the mentions that name them; under a heading
    `history`, known.
    """
    if not named:
        return
    spans = [m.span for m in named]
    by_site = Linker(low, sentence.span, spans, [s.span for s in local]) if local else None
    by_side = Linker(low, sentence.span, spans, [w.span for w in words])
    for number, mention in enumerate(named):
        inner = tuple([_sited(m, None) for m in mention.within]) if mention.within else ()
        linked = tuple([local[place] for place in by_site.of(number)]) if by_site else ()
        places = _ordered(inner, linked, tables)
        concept = refined(mention.row.code, places, tables)
        if concept.code in tables.refined_only:
            continue
        side, side_span = _side(number, mention, by_side, words, linked, tables)
        if side is None and any(place.rule in _LINGULA for place in places):
            side = Side.LEFT  # no other lung has one
        cues = assertion.categories(mention)
        known = history or mention.row.code.code in tables.known
        yield Finding(
            concept=concept, span=mention.span, sentence=sentence,
            assertion=assertion.of(mention, cues, sentence.section, known=known), sites=places, side=side,
            change=assertion.change(cues), severity=_qualifier(mention, cues, _SEVERITIES, tables),
            chronicity=_qualifier(mention, cues, _CHRONICITIES, tables), cues=_cues(mention, side_span),
            rule=f"targets.json {mention.row.literal}")


def _cues(mention: Mention, side: Span | None) -> tuple[Span, ...]:
    """Where the cues stand, and the word of the side, in order."""
    if not mention.modifiers:
        return (side,) if side is not None else ()
    device = mention.row.category == "DEVICE"
    found = {m.span for m in mention.modifiers if device or m.category != "MISPLACED"}
    if side is not None:
        found.add(side)
    return tuple(sorted(found, key=_PLACE)) if len(found) > 1 else tuple(found)


def refined(concept: Code, places: Sequence[Site], tables: LanguageTables) -> Code:
    """The concept that a general one is at its site ("nodule" in the lung), by the refinement table; else itself."""
    by_site = tables.refinements.get(concept.code)
    if by_site is None:
        return concept
    for place in places:
        for code in within(place.code.code, tables):
            if code in by_site:
                return by_site[code]
    return concept


def within(site: str, tables: LanguageTables) -> tuple[str, ...]:
    """A site and what contains it, upwards."""
    return _lineages(tables).get(site) or (site,)


@once
def _lineages(tables: LanguageTables) -> dict[str, tuple[str, ...]]:
    return {site: tuple(_upwards(site, tables)) for site in tables.sites}


def _upwards(site: str, tables: LanguageTables) -> Iterator[str]:
    seen = set()
    while site and site not in seen:
        seen.add(site)
        yield site
        row = tables.sites.get(site)
        site = row.parent if row else ""


def _ordered(inner: tuple[Site, ...], linked: tuple[Site, ...], tables: LanguageTables) -> tuple[Site, ...]:
    """The exacter site first: what the finding's own words name, unless the linked site lies within it."""
    if not inner or not linked:
        return inner or linked
    if inner[0].code.code in within(linked[0].code.code, tables):
        return linked
    return inner + linked


def _side_of(number: int, place: Span, linker: Linker, words: Sequence[sides.SideWord]) -> sides.SideWord | None:
    for word in words:
        if place.overlaps(word.span):
            return word
    near = linker.near(number)
    if not near:
        return None
    nearest = words[near[0]]
    if len(near) > 1 and {words[n].side for n in near} == _BOTH:  # "the right upper and left lower lobes"
        return nearest._replace(side=Side.BILATERAL)
    return nearest


def _side(number: int, mention: Mention, linker: Linker, words: Sequence[sides.SideWord], linked: Sequence[Site],
          tables: LanguageTables) -> tuple[Side | None, Span | None]:
    if not words or mention.row.code.code in tables.sideless:
        return None, None
    own = _side_of(number, mention.span, linker, words)
    if mention.row.code.code in tables.diffuse:
        apart = own and any(mention.span.end <= other.start < own.span.start for other in linker.findings)
        return (own.side, own.span) if own and not apart else (None, None)
    if own:
        return own.side, own.span
    named = [s for s in linked if s.side]
    if named:
        both = len(named) > 1 and {s.side for s in named} == _BOTH
        return (Side.BILATERAL if both else named[0].side), named[0].side_span
    far = linker.of(number)
    return (words[far[0]].side, words[far[0]].span) if far else (None, None)


def _qualifier(mention: Mention, cues: Set[str], names: dict[str, str], tables: LanguageTables) -> Qualifier | None:
    if not cues or names.keys().isdisjoint(cues):
        return None
    nearest = min((m for m in mention.modifiers if m.category in names), key=lambda m: _distance(m.span, mention.span))
    return Qualifier(code=tables.qualifiers[names[nearest.category]], span=nearest.span)


def _distance(one: Span, other: Span) -> int:
    return max(0, one.start - other.end, other.start - one.end)
