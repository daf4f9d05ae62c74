"""The patterns of mappings/deid/patterns.yaml: contacts, identifiers, addresses, facilities."""

import re
from collections.abc import Iterator
from functools import lru_cache

from fhir_adapter.deid.hits import Hit
from fhir_adapter.deid.scanner import Seen
from fhir_adapter.model.span import Span
from fhir_adapter.tables.deidentification import DeidTables, Pattern


def find(seen: Seen, tables: DeidTables) -> Iterator[Hit]:
    """Each hit of each pattern that is not inside what is protected."""
    hits = list(_hits(seen, tables))
    if not hits:
        return
    protected = [Span(*m.span()) for expression in tables.protected for m in expression.finditer(seen.text)]
    yield from (hit for hit in hits if not any(other.covers(hit.span) for other in protected))


def _hits(seen: Seen, tables: DeidTables) -> Iterator[Hit]:
    by_cue, always = _sorted(tables)
    running: dict[str, Pattern] = {}
    for cue, places in seen.cues.items():
        for pattern in by_cue.get(cue, ()):
            if pattern.words:
                running[pattern.rule] = pattern
                continue
            for place in places:
                if match := pattern.expression.match(seen.text, place.start):
                    yield _hit(match, pattern)
    for pattern in (*running.values(), *(p for p in always if p.when and p.when.search(seen.plain))):
        for match in pattern.expression.finditer(seen.text):
            yield _hit(match, pattern)


@lru_cache(maxsize=4)
def _sorted(tables: DeidTables) -> tuple[dict[str, list[Pattern]], list[Pattern]]:
    """The patterns by their cue words, and those without any."""
    by_cue: dict[str, list[Pattern]] = {}
    for pattern in tables.patterns:
        for cue in pattern.cues | pattern.words:
            by_cue.setdefault(cue, []).append(pattern)
    return by_cue, [pattern for pattern in tables.patterns if pattern.when]


def _hit(match: re.Match[str], pattern: Pattern) -> Hit:
    group: str | int = "value" if "value" in pattern.expression.groupindex else 0
    return Hit(span=Span(*match.span(group)), replacement=f"[{pattern.tag}]", recogniser=pattern.recogniser,
               rule=pattern.rule, why=pattern.why, rank=4)
